//! Nothing outside an input's root is reached through it, whatever its links say.

use scant_core::rules::View;
use scant_core::words::Input;
use scant_io::inputs::{DirectoryInput, Packages};

use crate::archive::{opened, options};
use crate::support::{answer, tree};

const LISTING: &str = r#"
/secret                    "outside\n"
/root/etc/secret           "inside\n"
/root/secret               "at the root\n"
/root/up                   -> ../secret
/root/far                  -> ../../../../../../../../secret
/root/absolute             -> /etc/secret
/root/directory            -> /etc
/root/outer                -> ..
/root/loop                 -> loop
/root/chain                -> absolute
"#;

/// What a path leads to with links followed, as the planner and the loaders follow them.
fn followed(input: &dyn Input, path: &str) -> String {
    match View::new(input).resolve(path.as_bytes()) {
        Ok(found) => format!("{} {}", found.path, answer(input, &found.path.to_string())),
        Err(error) => error.to_string(),
    }
}

#[test]
fn links_stay_inside() {
    let directory = tree(LISTING);
    let root = directory.path().join("root");
    links_of(&DirectoryInput::open(&root, Packages::default()).unwrap());
    let mut tar = tar::Builder::new(Vec::new());
    tar.follow_symlinks(false);
    tar.append_dir_all(".", root).unwrap();
    links_of(&opened(&tar.into_inner().unwrap(), &options()).unwrap());
}

#[track_caller]
fn links_of(input: &dyn Input) {
    for (path, expected) in [
        ("/up", "/secret \"at the root\\n\""),
        ("/far", "/secret \"at the root\\n\""),
        ("/absolute", "/etc/secret \"inside\\n\""),
        ("/chain", "/etc/secret \"inside\\n\""),
        ("/directory/secret", "/etc/secret \"inside\\n\""),
        ("/directory/../secret", "/secret \"at the root\\n\""),
        ("/outer/secret", "/secret \"at the root\\n\""),
        ("/../secret", "/secret \"at the root\\n\""),
        ("/loop", "`/loop`: too many levels of symbolic links"),
    ] {
        assert_eq!(followed(input, path), expected, "{path}");
    }
}

#[test]
fn a_link_on_the_way_is_refused_by_the_input_itself() {
    let directory = tree(LISTING);
    let root = directory.path().join("root");
    let input = DirectoryInput::open(&root, Packages::default()).unwrap();
    for path in ["/outer/secret", "/directory/secret", "/up"] {
        let said = answer(&input, path);
        assert!(said.contains("symbolic links"), "{path}: {said}");
    }
}

#[test]
fn a_directory_replaced_by_a_link_leads_nowhere() {
    let directory = tree(LISTING);
    let root = directory.path().join("root");
    let input = DirectoryInput::open(&root, Packages::default()).unwrap();
    assert_eq!(answer(&input, "/etc/secret"), "\"inside\\n\"");
    std::fs::rename(root.join("etc"), root.join("gone")).unwrap();
    std::os::unix::fs::symlink("..", root.join("etc")).unwrap();
    let said = answer(&input, "/etc/secret");
    assert!(said.contains("symbolic links"), "{said}");
}
