"""What must not move while a flood is played: rows under cursor and mouse, columns, header, lists."""
