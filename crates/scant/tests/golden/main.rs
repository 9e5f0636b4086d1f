//! Images whose digests are kept: what a user has pinned stays what scant builds.
//!
//! The trees are written by the test. A digest that is another is a change of every image that
//! users have: it is meant, and named in the changelog under **Bytes**, or it is a bug. When it is
//! meant, `SNAPSHOTS=overwrite cargo test -p scant --test golden` renews `digests.txt`.

mod build;
mod images;

use std::fmt::Write as _;

use snapbox::{Assert, file};

#[test]
fn digests_are_those_of_the_last_release() {
    let mut text = String::from(
        "# Renewed by SNAPSHOTS=overwrite. A change is named in CHANGELOG.md under Bytes.\n",
    );
    for image in images::IMAGES {
        write!(text, "\n{}: {}\n{}", image.name, image.about, build::digests(&image))
            .expect("a text takes all");
    }
    Assert::new().action_env("SNAPSHOTS").eq(text, file!["digests.txt"].raw());
}
