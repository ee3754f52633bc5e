# The processor begins at 0x50000000, whatever the program's entry is.
    .section .reset, "ax"
    .global reset
reset:
    j begin
    .align 4
    .literal_position
begin:
    movi a2, 0
    wsr a2, ps
    rsync
    movi a1, stack_top
    movi a2, start_program
    jx a2
