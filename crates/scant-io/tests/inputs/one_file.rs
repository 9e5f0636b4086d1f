//! One file as an input. It cannot hold the tree of the common suite, so it has the same questions
//! for the tree that it is.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use scant_core::words::{Input, InputError, Problem, TreePath};
use scant_io::inputs::OneFile;

use crate::support::{answer, path, shown, tree};

fn tool(directory: &Path) -> OneFile {
    OneFile::open(&directory.join("0a1b"), "tool", 0o755).unwrap()
}

#[test]
fn it_is_shown_by_its_name_with_the_mode_that_is_told() {
    let directory = tree(r#"/0a1b mode=0444 "hello\n""#);
    let input = tool(directory.path());
    assert_eq!(shown(&input, &TreePath::root()), "/tool 0755 \"hello\\n\"\n");
    assert!(input.lookup(&TreePath::root()).unwrap().unwrap().is_directory());
}

#[test]
fn nothing_else_is_there() {
    let directory = tree("/0a1b \"hello\\n\"\n/other \"x\"");
    let input = tool(directory.path());
    for missing in ["/other", "/0a1b", "/tool/below", "/nothing/below"] {
        assert_eq!(input.lookup(&path(missing)), Ok(None), "{missing}");
        let problem = input.open(&path(missing)).map(|_| ()).unwrap_err().problem;
        assert!([Problem::NotFound, Problem::NotADirectory].contains(&problem), "{missing}");
    }
    let problem = |path| input.list(&path).unwrap_err().problem;
    assert_eq!(problem(path("/tool")), Problem::NotADirectory);
    assert_eq!(problem(path("/other")), Problem::NotFound);
    assert_eq!(answer(&input, "/"), "`/`: not a regular file but a directory");
}

#[test]
fn reads_start_anywhere_and_have_a_limit() {
    let directory = tree("/0a1b \"hello\\n\"");
    let input = tool(directory.path());
    let file = input.open(&path("/tool")).unwrap();
    let mut buffer = [0; 16];
    assert_eq!((file.size(), file.read_at(4, &mut buffer)), (6, Ok(2)));
    assert_eq!(file.read_at(1 << 40, &mut buffer), Ok(0));
    let at = path("/tool");
    let expected = InputError::new(&at, Problem::TooLarge { limit: 5 });
    assert_eq!(input.read(&at, 5), Err(expected));
}

#[test]
fn its_stamp_is_that_of_the_file_and_tells_of_changes() {
    let directory = tree("/0a1b \"hello\\n\"");
    let stamp = |input: &OneFile| input.lookup(&path("/tool")).unwrap().unwrap().stamp;
    let (one, other) = (tool(directory.path()), tool(directory.path()));
    assert_eq!(stamp(&one), stamp(&other));
    assert_eq!(one.open(&path("/tool")).unwrap().stamp().unwrap(), stamp(&one));
    let before = stamp(&one);
    let permissions = std::fs::Permissions::from_mode(0o600);
    std::fs::remove_file(directory.path().join("0a1b")).unwrap();
    std::fs::write(directory.path().join("0a1b"), "other").unwrap();
    std::fs::set_permissions(directory.path().join("0a1b"), permissions).unwrap();
    assert_ne!(stamp(&one), before);
}

#[test]
fn what_is_no_file_is_refused() {
    let directory = tree("/file \"x\"\n/link -> file\n/directory/");
    let case = |at: &str, name: &str, expected: &str| {
        let place = directory.path().to_str().unwrap();
        let error = OneFile::open(&directory.path().join(at), name, 0o644).err().unwrap();
        assert_eq!(error.error.to_string().replace(place, ""), expected, "{at} {name}");
    };
    case("nothing", "x", "no such file or directory");
    case("directory", "x", "not a regular file but a directory");
    case("link", "x", "too many levels of symbolic links");
    case("file", "a/b", "a name that cannot be used: `a/b`");
    case("file", "..", "a name that cannot be used: `..`");
    case("file", "", "a name that cannot be used: ``");
}
