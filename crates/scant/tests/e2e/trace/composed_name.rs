//! A library whose name is put together when the program runs: no reading of the file finds it.

use std::fs;

use super::place;
use crate::scant::scant;

const SOURCE: &str = r#"
#include <dlfcn.h>
#include <stdio.h>

int main(void) {
    char name[64];
    snprintf(name, sizeof name, "lib%c.so.%d", 'm', 6);
    puts(dlopen(name, RTLD_NOW) ? "opened" : dlerror());
    return fopen("/etc/services", "r") == NULL;
}
"#;

#[test]
fn a_run_finds_it_and_the_next_one_has_it() {
    let Some(place) = place(SOURCE) else { return };
    let directory = place.path();
    let checked = scant(directory, "trace app.yaml --check --timeout 60").end();
    assert_eq!(checked.code, Some(1), "{}", checked.stderr);
    assert!(checked.stderr.contains("libm.so.6: cannot open shared object"), "{}", checked.stderr);
    assert!(!directory.join("app.trace.json").exists());
    let traced = scant(directory, "trace app.yaml --until-stable --timeout 60").end();
    assert_eq!(traced.code, Some(0), "{}", traced.stderr);
    let manifest = fs::read_to_string(directory.join("app.yaml")).unwrap();
    let expected = "\
# My program.
inputs:
  HOST: {backend: host}

binaries:
  - from: ./app # opens what it likes
    to: /usr/bin/app
    libraries:
      - libm.so.6 # opened by /usr/bin/app, run `/usr/bin/app`

data:
  - from: HOST/etc/services
    why: opened by /usr/bin/app, run `/usr/bin/app`

image:
  entrypoint: [/usr/bin/app]
";
    assert_eq!(manifest, expected);
    let checked = scant(directory, "trace app.yaml --check --timeout 60").end();
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    assert!(checked.stderr.contains("opened\n"), "{}", checked.stderr);
    scant(directory, "build app.yaml --no-cache -o oci:image").ok();
    let record = fs::read_to_string(directory.join("app.trace.json")).unwrap();
    scant(directory, "trace app.yaml --timeout 60").ok();
    let again = fs::read_to_string(directory.join("app.trace.json")).unwrap();
    assert_eq!(record, again, "a run that did the same changes the record");
}
