//! Certificates, modules for names, time zones, the cache of libraries.

use crate::support::check;

#[test]
fn certificates_where_there_is_tls() {
    let ssl = "/lib/libssl.so.3 elf x86_64";
    check(
        "",
        ssl,
        "hint certificates: a TLS library is in the image, and no certificates of authorities are: clients will trust nobody
         needed by /lib/libssl.so.3
         help: add `/etc/ssl/certs/ca-certificates.crt` if anything in the image is a TLS client",
    );
    check("", &format!("{ssl}\n/etc/ssl/certs/ca-certificates.crt \"x\""), "");
    check(
        "env SSL_CERT_FILE=/app/ca.pem\ncmd /a",
        &format!("{ssl}\n/app/ca.pem \"x\"\n/a elf x86_64 static"),
        "",
    );
}

#[test]
fn modules_that_nsswitch_names() {
    check(
        "",
        r#"/lib/libc.so.6 elf x86_64
           /lib/libnss_compat.so.2 elf x86_64
           /etc/nsswitch.conf "passwd: files systemd\ngroup: compat\nnetgroup: nis # old\nhosts: files mdns4 [NOTFOUND=return] dns\n""#,
        "warning name-service: `/etc/nsswitch.conf` names nothing for netgroup but `nis`, whose module `libnss_nis.so.2` is not in the image
         help: add the module, or remove the service from the file
         hint name-service: `/etc/nsswitch.conf` names `mdns4`, whose module `libnss_mdns4.so.2` is not in the image: others are asked
         help: add the module, or remove the service from the file
         hint name-service: `/etc/nsswitch.conf` names `systemd`, whose module `libnss_systemd.so.2` is not in the image: others are asked
         help: add the module, or remove the service from the file",
    );
}

#[test]
fn the_time_zone() {
    let files = "/a elf x86_64 static\n/usr/share/zoneinfo/Europe/Berlin \"x\"";
    for fine in ["Europe/Berlin", ":Europe/Berlin", "UTC", "EST5EDT", "CET-1CEST,M3.5.0,M10.5.0/3"]
    {
        check(&format!("cmd /a\nenv TZ={fine}"), files, "");
    }
    check(
        "cmd /a\nenv TZ=Asia/Tokyo",
        files,
        "hint time-zone: `TZ` is `Asia/Tokyo`, and `/usr/share/zoneinfo/Asia/Tokyo` is not in the image: times will be UTC
         help: add the file; programs with time zones of their own do not need it",
    );
}

#[test]
fn the_cache_of_libraries() {
    let app = "/bin/app elf x86_64 interp=/ld.so\n/lib/liba.so elf x86_64\n";
    check("", &format!("{app}/etc/ld.so.cache cache new x86_64 liba.so=>/lib/liba.so"), "");
    check(
        "",
        &format!("{app}/etc/ld.so.cache cache new x86_64 liba.so=>/lib/liba.so libb.so=>/lib/libb.so"),
        "warning library-cache: `/etc/ld.so.cache` names libraries that are not there: the loader looks further
         tried /lib/libb.so: not there
         help: make it again with `ldconfig -r` when the libraries are in place",
    );
    check(
        "",
        &format!("{app}/etc/ld.so.cache cache new aarch64 liba.so=>/lib/liba.so"),
        "warning library-cache: `/etc/ld.so.cache` names no library for the image's machine
         help: make it again with `ldconfig -r` when the libraries are in place",
    );
    check(
        "",
        &format!("{app}/etc/ld.so.cache cache new x86_64 liba.so=>/lib/liba.so cut=40"),
        "warning library-cache: the image's loader cannot read `/etc/ld.so.cache`: it is damaged, or has the other byte order
         help: make it again with `ldconfig -r` when the libraries are in place",
    );
}
