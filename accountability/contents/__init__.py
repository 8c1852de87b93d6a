"""文件内容: what a file really is, by what is in it. Runs in a child process only (see confinement); imports no Django."""
