    .section .reset, "ax"
    .global reset
reset:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, stack_top
    j start_program
