//! The whole way as somebody who is not root, in a home directory of their own.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;

use super::place;
use crate::run::{Run, run};
use crate::tools::{require, skip};

/// Needs a library by a name that it puts together.
const SOURCE: &str = r#"
#include <dlfcn.h>
#include <stdio.h>

int main(void) {
    char name[64];
    snprintf(name, sizeof name, "lib%c.so.%d", 'm', 6);
    void *library = dlopen(name, RTLD_NOW);
    puts(library ? "opened" : dlerror());
    return library == NULL;
}
"#;

const NOBODY: u32 = 65534;

/// A command of somebody else, with a home directory and all that is usually in it.
fn nobody(home: &Path, words: &str) -> Run {
    let run = run("setpriv").words("--reuid=65534 --regid=65534 --clear-groups");
    let run = run.arg(home.join("scant")).directory(home).env("HOME", home);
    run.without_env("XDG_CACHE_HOME").without_env("SOURCE_DATE_EPOCH").words(words)
}

#[test]
fn init_build_run_trace_and_check() {
    require!(SETPRIV);
    let Some(place) = place(SOURCE) else { return };
    let home = place.path();
    fs::copy(env!("CARGO_BIN_EXE_scant"), home.join("scant")).expect("it can be copied");
    fs::remove_file(home.join("app.yaml")).expect("it is there");
    fs::set_permissions(home, fs::Permissions::from_mode(0o755)).expect("it is ours");
    for path in [home.to_path_buf(), home.join("app"), home.join("scant")] {
        if chown(path, Some(NOBODY), Some(NOBODY)).is_err() {
            return skip("only root can become somebody else");
        }
    }
    // `/tmp`, where this lies, is empty in the sandbox: the user says another place.
    let shown = home.display();
    let manifest = nobody(home, "init ./app").ok();
    let manifest = manifest.replace(&format!("HOST{shown}/app"), "./app:/usr/bin/app");
    let manifest = manifest.replace(&format!("{shown}/app"), "/usr/bin/app");
    let write = |text: &str| {
        fs::write(home.join("app.yaml"), text).expect("it is ours");
        chown(home.join("app.yaml"), Some(NOBODY), Some(NOBODY)).expect("this is root");
    };
    write(&manifest);
    nobody(home, "build app.yaml -o oci:image").ok();
    let ran = nobody(home, "run oci:image").end().expect(1);
    assert!(ran.stdout.contains("libm.so.6: cannot open"), "{}", ran.stdout);
    nobody(home, "trace app.yaml --check").end().expect(1);
    nobody(home, "trace app.yaml --until-stable").ok();
    nobody(home, "trace app.yaml --check").ok();
    nobody(home, "check app.yaml").ok();
    nobody(home, "build app.yaml -o oci:image").ok();
    assert_eq!(nobody(home, "run oci:image").ok(), "opened\n");

    // A manifest that may be read and not written stays, and is told of.
    write(&manifest);
    fs::set_permissions(home.join("app.yaml"), fs::Permissions::from_mode(0o444)).expect("ours");
    fs::set_permissions(home, fs::Permissions::from_mode(0o555)).expect("it is ours");
    let ran = nobody(home, "trace app.yaml --write").end().expect(4);
    assert!(ran.stderr.contains("app.yaml` cannot be written: "), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(home.join("app.yaml")).expect("it is there"), manifest);
    fs::set_permissions(home, fs::Permissions::from_mode(0o755)).expect("it is ours");
}
