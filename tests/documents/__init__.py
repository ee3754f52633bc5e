"""What people read and copy: documents and example configurations."""
