//! Links, modes, scripts, what cannot be read.

use crate::support::check;

#[test]
fn links_that_lead_nowhere() {
    check(
        "",
        "/etc/a -> b
         /etc/c -> /etc/d
         /etc/d -> c
         /etc/mtab -> ../proc/self/mounts
         /var/run -> /run
         /etc/x -> /run/x/y
         /etc/hosts -> /nowhere
         /etc/fine -> ../usr/
         /usr/",
        "warning dangling-link: `/etc/a` -> `b` leads to nothing
         warning link-loop: `/etc/c` -> `/etc/d` leads back to itself
         warning link-loop: `/etc/d` -> `c` leads back to itself",
    );
}

#[test]
fn what_everybody_may_write() {
    check(
        "",
        r#"/tmp/ mode=1777
           /var/spool/ mode=0777
           /etc/open mode=0666 "x"
           /etc/closed mode=0664 "x"
           /etc/link -> open"#,
        "warning world-writable: everybody may write to the file
         at /etc/open
         help: give it to the user that writes to it
         warning world-writable: everybody may rename and remove what is in the directory
         at /var/spool
         help: make it sticky, as `/tmp` is (mode 1777), or give it to the user that writes",
    );
}

#[test]
fn what_gives_privileges() {
    check(
        "xattr /bin/ping security.capability",
        r#"/bin/su   mode=4755 "su"
           /bin/wall mode=2755 "wall"
           /bin/ping mode=0755 "ping"
           /bin/sh   mode=0755 "sh"
           /var/mail/ mode=2775"#,
        "warning privileged: the program runs with capabilities of its own
         at /bin/ping
         help: remove it or its privileges, or declare them with `mode` or `capabilities`
         warning privileged: the program runs as its owner, whoever starts it: setuid
         at /bin/su
         help: remove it or its privileges, or declare them with `mode` or `capabilities`
         warning privileged: the program runs as its group, whoever starts it: setgid
         at /bin/wall
         help: remove it or its privileges, or declare them with `mode` or `capabilities`
         hint entrypoint: the image names neither an entrypoint nor a command
         help: whoever runs it has to name a program",
    );
}

#[test]
fn scripts_without_an_interpreter() {
    check(
        "",
        r##"/bin/a mode=0755 "#!/bin/sh\n"
            /bin/b mode=0755 "#!/bin/sh\n"
            /usr/share/example mode=0644 "#!/bin/perl\n"
            /usr/share/doc/example mode=0755 "#!/bin/perl\n"
            /etc/init.d/a mode=0755 "#!/lib/init/init-d-script\n"
            /bin/c mode=0755 "#!/bin/tool\n"
            /bin/tool elf x86_64 static"##,
        "warning script-interpreter: `/bin/sh`, which scripts name as their interpreter, is not in the image
         named by /bin/a /bin/b
         tried /bin/sh: not there",
    );
}

#[test]
fn what_cannot_be_looked_at() {
    check(
        "",
        r#"/root/ mode=0000
           /etc/shadow mode=0000 "secret""#,
        "warning unreadable: what is there could not be looked at: permission denied
         at /etc/shadow /root
         help: run it as a user that may read the files",
    );
}

#[test]
fn what_is_secret_and_everybody_may_read() {
    check(
        "",
        r#"/etc/shadow mode=0644 "root:x:"
           /etc/gshadow mode=0640 "root:x:"
           /etc/ssh/ssh_host_rsa_key mode=0644 "-----BEGIN OPENSSH PRIVATE KEY-----"
           /etc/ssh/ssh_host_rsa_key.pub mode=0644 "ssh-rsa AAAA"
           /etc/tls/server.key mode=0644 "-----BEGIN PRIVATE KEY-----"
           /etc/tls/closed.key mode=0600 "-----BEGIN PRIVATE KEY-----"
           /etc/tls/public.pem mode=0644 "-----BEGIN CERTIFICATE-----"
           /root/.ssh/id_rsa mode=0644 "-----BEGIN RSA PRIVATE KEY-----"
           /usr/share/dns/root.key mode=0644 ". IN DNSKEY 257 3 8 AwEA""#,
        "warning readable-secret: everybody may read the hashes of passwords
         at /etc/shadow
         help: give it `mode: \"0640\"` or less, and the `owner` that reads it
         help: whoever has the image has what is in it: mount secrets when it runs
         warning readable-secret: everybody may read the private key
         at /etc/ssh/ssh_host_rsa_key /etc/tls/server.key /root/.ssh/id_rsa
         help: give it `mode: \"0640\"` or less, and the `owner` that reads it
         help: whoever has the image has what is in it: mount secrets when it runs",
    );
}
