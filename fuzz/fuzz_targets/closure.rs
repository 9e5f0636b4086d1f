//! What a loader opens among hostile files: the first file is the program.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_core::rules::View;
use scant_core::rules::loader::{
    Closure, DlopenChoice, Environment, InputFiles, Opening, Rule, Session, Spot, close, of_root,
};
use scant_core::words::{InputName, Relation, TreePath};
use scant_fuzz::{MemoryInput, assert_plain, parts};

fuzz_target!(|bytes: &[u8]| {
    let parts = parts(bytes);
    let input = MemoryInput::new(&parts);
    let program = parts[0].name;
    for is_secure in [false, true] {
        let files = InputFiles::new(InputName::new("IN"), View::new(&input));
        let environment = Environment {
            library_path: Some(Box::from(*b"/opt:$ORIGIN/../lib:")),
            is_secure,
            dlopen: DlopenChoice::Suggested,
            ..Environment::default()
        };
        let opening = Opening { name: Box::from(*b"libopened.so"), relation: Relation::Opened };
        let elf = TreePath::parse(program).ok().map(|path| files.view().elf(&path));
        let header = elf.as_ref().and_then(|elf| Some(&elf.as_ref().as_ref().ok()?.header));
        let loader = header.and_then(|header| of_root(files.view(), header));
        let loader = loader.map(|path| Spot::new(path.as_bytes()));
        let session = Session::new(&files);
        let closed =
            close(&session, &Spot::new(program), &[opening], &environment, loader.as_ref());
        match closed {
            Ok(closure) => check(&closure, &input),
            Err(error) => assert_plain(&error.to_string()),
        }
    }
});

fn check(closure: &Closure, input: &MemoryInput) {
    let count = closure.objects.len();
    let is_object = |rule: &Rule| match rule {
        Rule::Rpath { object, .. } | Rule::Runpath { object, .. } => *object < count,
        _ => true,
    };
    for (number, object) in closure.objects.iter().enumerate() {
        let path = &object.opened.identity.path;
        input.assert_no_link_above(path);
        assert!(input.kind(path).is_some_and(|kind| kind.describe() == "a file"), "{path}");
        assert_plain(&closure.shown(number));
    }
    for edge in &closure.edges {
        assert!(edge.by < count && edge.to < count && is_object(&edge.rule));
    }
    for missing in &closure.missing {
        assert!(missing.by < count && missing.tries.iter().all(|tried| is_object(&tried.rule)));
        for tried in &missing.tries {
            assert_plain(&tried.rule.how(|_| TreePath::root()).to_string());
        }
        if let Some((_, fault)) = &missing.fatal {
            assert_plain(&fault.to_string());
        }
    }
    for version in &closure.missing_versions {
        assert!(version.by < count && version.of < count);
    }
}
