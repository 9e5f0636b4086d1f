# Types into a shell with job control: stops what a sandbox runs, resumes it, interrupts it.
import os, pty, select, sys, time

process, terminal = pty.fork()
if process == 0:
    os.execvpe("bash", ["bash", "--norc", "--noediting", "-i"], {**os.environ, "PS1": "> "})


def type_in(text, answer):
    os.write(terminal, text)
    seen, late = b"", time.monotonic() + 60
    while answer not in seen and time.monotonic() < late:
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 4096)
    if answer not in seen:
        sys.exit(f"after {text!r} there is no {answer!r} in {seen!r}")


# Words are in two parts, so that they are not seen when they are typed.
script = "trap \"echo resu\"\"med\" CONT; trap \"echo inter\"\"rupted; exit 5\" INT; echo be\"\"gun; while :; do busybox sleep 0.1; done"
line = f"./scant run oci:image --entrypoint /bin/sh -- -c '{script}'\n"
type_in(line.encode(), b"begun\r\n")
type_in(b"\x1a", b"Stopped")
type_in(b"fg\n", b"resumed\r\n")
type_in(b"\x03", b"interrupted\r\n")
type_in(b"echo co''de $?\n", b"code 5\r\n")
type_in(b"exit\n", b"exit\r\n")
os.waitpid(process, 0)
