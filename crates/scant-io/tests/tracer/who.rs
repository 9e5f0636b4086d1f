//! Who asked: the process, its program, and the library whose code it was.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use scant_core::words::Access;

use crate::support::{Place, Run};

/// The access to a name that ends so.
#[track_caller]
fn only<'a>(run: &'a Run, end: &str) -> &'a Access {
    let mut found = run.accesses.iter().filter(|access| access.name.ends_with(end.as_bytes()));
    let first = found.next().expect(end);
    assert!(found.next().is_none(), "{end}");
    first
}

fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[test]
fn the_program_is_the_one_that_asked() {
    let Some(place) = Place::new() else { return };
    let second = place.compile("look(\"by-second\");");
    let other = place.path().join("second");
    std::fs::rename(&second, &other).unwrap();
    let first = place.compile(
        r#"
        look("by-first");
        if (!fork()) { look("by-child"); execl("second", "second", (char *)0); }
        wait(0);
        "#,
    );
    let run = place.run(&first);
    run.ended_well();
    let (by_first, by_child) = (only(&run, "by-first"), only(&run, "by-child"));
    assert_eq!(path(&by_first.program), first);
    assert_eq!(path(&by_child.program), first);
    assert_ne!(by_first.process, by_child.process);
    assert_eq!(path(&only(&run, "by-second").program), other);
    assert_eq!(only(&run, "by-second").process, by_child.process);
    // The start itself was asked for by nobody.
    assert_eq!(&*run.accesses[0].program, b"");
}

#[test]
fn a_library_that_opens_another_is_named() {
    let Some(place) = Place::new() else { return };
    let opener = r#"
        #include <dlfcn.h>
        #include <stdio.h>
        void *opener(const char *name) {
            char path[100];
            snprintf(path, 100, "lib%s.so", name);
            void *found = dlopen(path, RTLD_NOW);
            fopen("configuration", "r");
            return found;
        }"#;
    let options = ["-shared", "-fPIC", "-ldl"];
    let library = place.compile_as("gcc", "libopener.so", opener, &options).unwrap();
    let plugin = place.compile_as("gcc", "libplugin.so", "int x;", &["-shared"]).unwrap();
    let source = r#"
        #include <dlfcn.h>
        void *opener(const char *);
        int main() {
            dlopen("libofmain.so", RTLD_NOW);
            opener("missing");
            return !opener("plugin");
        }"#;
    let here = place.path();
    let here = here.to_str().unwrap();
    let (directory, rpath) = (format!("-L{here}"), format!("-Wl,-rpath,{here}"));
    let options = [&*directory, &*rpath, "-lopener", "-ldl"];
    let program = place.compile_as("gcc", "program", source, &options).unwrap();
    // The run path is that of the program alone: what the library opens is looked for elsewhere.
    let mut started = place.program(&program, &[]);
    started.environment.push(("LD_LIBRARY_PATH".into(), here.into()));
    let run = place.run_program(&started, &scant_io::tracer::Bounds::default());
    run.ended_well();

    let asker = |end: &str| {
        let ours = |access: &&Access| {
            access.name.ends_with(end.as_bytes()) && access.name.starts_with(here.as_bytes())
                || *access.name == *end.as_bytes()
        };
        let found: Vec<&Access> =
            run.accesses.iter().filter(ours).filter(|access| access.by.is_some()).collect();
        assert!(!found.is_empty(), "{end}: {:?}", run.asked());
        path(found[0].by.as_ref().unwrap())
    };
    assert_eq!(asker("libmissing.so"), library);
    assert_eq!(asker("libplugin.so"), library);
    assert_eq!(asker("configuration"), library);
    assert_eq!(asker("libofmain.so"), program);
    let maps = run.asked().iter().filter(|line| **line == "Map - in ./libplugin.so: done").count();
    assert_eq!(maps, 1);
    assert!(plugin.exists());
}
