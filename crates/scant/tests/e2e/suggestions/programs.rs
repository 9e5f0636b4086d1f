//! The programs, one test each.

use std::fs;

use super::{Pair, directory, may_change_root};
use crate::run::run;
use crate::scant::scant;
use crate::tools::{self, require};

#[test]
fn a_thread_is_cancelled() {
    require!(CC, CHROOT);
    if !may_change_root() {
        return;
    }
    let directory = directory();
    let code = "
        #include <pthread.h>
        #include <stdio.h>
        #include <unistd.h>
        static void *wait_for_ever(void *nothing) { for (;;) pause(); return nothing; }
        int main(void) {
            pthread_t thread;
            pthread_create(&thread, 0, wait_for_ever, 0);
            pthread_cancel(thread);
            pthread_join(thread, 0);
            puts(\"cancelled\");
        }";
    fs::write(directory.path().join("a.c"), code).expect("the directory is ours");
    run("cc").directory(directory.path()).words("-pthread -o a a.c").ok();
    let pair = Pair::new(directory, "binaries: [./a:/a]\n", "[glibc.libgcc_s]");
    let said = pair.run("before", "/a");
    assert!(said.stderr.contains("libgcc_s.so.1 must be installed"), "{}", said.stderr);
    assert_eq!(pair.run("after", "/a").expect(0).stdout, "cancelled\n");

    let told = scant(pair.path(), "build before.yaml -o oci:out").end().expect(2).stderr;
    assert!(told.contains("`/a` needs what `glibc.libgcc_s` brings"), "{told}");
    let why = scant(pair.path(), "why after.yaml").arg(libgcc(&pair)).ok();
    assert!(why.contains("accepted in `suggestions` at line 4: glibc.libgcc_s for /a"), "{why}");
}

/// Where the library is in the image.
fn libgcc(pair: &Pair) -> String {
    let text = scant(pair.path(), "plan after.yaml --json").ok();
    let plans: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let nodes = plans[0]["nodes"].as_array().expect("a plan has nodes");
    let paths = nodes.iter().filter_map(|node| node["path"].as_str());
    paths.filter(|path| path.ends_with("/libgcc_s.so.1")).map(String::from).next().expect("placed")
}

#[test]
fn a_text_is_converted() {
    require!(CHROOT);
    if !may_change_root() || tools::find("iconv").is_none() {
        return;
    }
    let directory = directory();
    fs::write(directory.path().join("text"), b"\xe4\n").expect("the directory is ours");
    let manifest = "binaries: [HOST/usr/bin/iconv]\ndata: [./text:/text]\n";
    let accept = "[{id: glibc.gconv, with: {charsets: [ISO8859-1]}}]";
    let pair = Pair::new(directory, manifest, accept);
    let words = "/usr/bin/iconv -f ISO-8859-1 -t UTF-8 /text";
    assert_ne!(pair.run("before", words).code, Some(0));
    assert_eq!(pair.run("after", words).expect(0).stdout, "ä\n");
}

#[test]
fn a_provider_is_loaded() {
    require!(CHROOT);
    let has_legacy = || {
        let words = "list -providers -provider legacy";
        tools::find("openssl").is_some() && run("openssl").words(words).end().code == Some(0)
    };
    if !may_change_root() || !has_legacy() {
        return tools::skip("openssl and its legacy provider are wanted");
    }
    let accept = "[openssl.providers, openssl.config]";
    let pair = Pair::new(directory(), "binaries: [HOST/usr/bin/openssl]\n", accept);
    let words = "/usr/bin/openssl list -providers -provider legacy";
    assert_ne!(pair.run("before", words).code, Some(0));
    let said = pair.run("after", words).expect(0).stdout;
    assert!(said.contains("OpenSSL Legacy Provider"), "{said}");
}

#[test]
fn a_name_service_is_asked() {
    require!(CHROOT);
    let module = ["/lib/x86_64-linux-gnu", "/usr/lib64", "/lib/aarch64-linux-gnu"]
        .iter()
        .any(|directory| std::path::Path::new(directory).join("libnss_systemd.so.2").exists());
    if !may_change_root() || tools::find("getent").is_none() || !module {
        return tools::skip(
            "getent and libnss_systemd are wanted (apt-get install libnss-systemd)",
        );
    }
    let directory = directory();
    let text = "passwd: files systemd\n";
    fs::write(directory.path().join("nsswitch.conf"), text).expect("the directory is ours");
    let manifest = "\
binaries: [HOST/usr/bin/getent]
data: [./nsswitch.conf:/etc/nsswitch.conf]
";
    let pair = Pair::new(directory, manifest, "[glibc.nss.modules]");
    // The module makes up the user `nobody`, whom no file has here.
    assert_eq!(pair.run("before", "/usr/bin/getent passwd nobody").code, Some(2));
    let said = pair.run("after", "/usr/bin/getent passwd nobody").expect(0).stdout;
    assert!(said.starts_with("nobody:"), "{said}");
}

#[test]
fn python_imports_lazily() {
    require!(PYTHON, CHROOT);
    if !may_change_root() {
        return;
    }
    let directory = directory();
    let script = "\
def late():
    import json, decimal, sqlite3, ssl, zoneinfo
    return json.dumps([str(decimal.Decimal(1) / 4), len(sqlite3.sqlite_version) > 0])
print(late())
";
    fs::write(directory.path().join("late.py"), script).expect("the directory is ours");
    let manifest = "binaries: [HOST/usr/bin/python3.11]\ndata: [./late.py:/late.py]\n";
    let pair = Pair::new(directory, manifest, "[python.stdlib]");
    let words = "/usr/bin/python3.11 /late.py";
    assert_ne!(pair.run("before", words).code, Some(0));
    assert_eq!(pair.run("after", words).expect(0).stdout, "[\"0.25\", true]\n");
}
