//! `scant diff --json`.

use snapbox::str;

use super::two_platforms;
use crate::check::check;
use crate::place::Place;

#[test]
fn as_json() {
    let place = Place::with_app().file(
        "new.yaml",
        "\
inputs:
  ROOT: {backend: sysroot, path: root}
platforms: [linux/amd64]
data: [{from: ROOT/etc/app.conf, mode: '0600'}]
image: {cmd: [/etc]}
",
    );
    let old = "inputs:\n  ROOT: {backend: sysroot, path: root}\nplatforms: [linux/amd64]\ndata: [ROOT/etc/app.conf]\ndirectories: [/tmp]\n";
    let place = place.file("old.yaml", old);
    check(
        &place,
        "diff old.yaml new.yaml --json",
        str![[r#"
exit 1
--- stdout
{
  "only": [],
  "platforms": [
    {
      "after": "linux/amd64",
      "before": "linux/amd64",
      "layers": null,
      "paths": [
        {
          "change": "changed",
          "changes": [
            {
              "after": "0600",
              "before": "0644",
              "what": "mode"
            }
          ],
          "node": null,
          "path": "/etc/app.conf",
          "reasons": [
            {
              "line": 4,
              "section": "data",
              "why": "declared"
            }
          ],
          "source": {
            "input": "ROOT",
            "path": "/etc/app.conf"
          }
        },
        {
          "change": "removed",
          "changes": null,
          "node": {
            "gid": 0,
            "kind": "directory",
            "mode": "0755",
            "size": null,
            "target": null,
            "uid": 0,
            "xattrs": []
          },
          "path": "/tmp",
          "reasons": [
            {
              "line": 5,
              "section": "directories",
              "why": "declared"
            }
          ],
          "source": null
        }
      ],
      "same": false,
      "settings": [
        {
          "after": [
            "/etc"
          ],
          "before": null,
          "name": "cmd"
        }
      ],
      "totals": {
        "after": {
          "bytes": 10,
          "paths": 2
        },
        "before": {
          "bytes": 10,
          "paths": 3
        }
      }
    }
  ],
  "same": false
}

"#]],
    );
}

#[test]
fn platforms_that_one_has_alone() {
    let place = two_platforms();
    check(
        &place,
        "diff oci:two other.yaml --json",
        str![[r#"
exit 1
--- stdout
{
  "only": [
    {
      "image": "oci:two",
      "platform": "linux/amd64"
    },
    {
      "image": "other.yaml",
      "platform": "linux/s390x"
    }
  ],
  "platforms": [
    {
      "after": "linux/arm64",
      "before": "linux/arm64",
      "layers": null,
      "paths": [
        {
          "change": "removed",
          "changes": null,
          "node": {
            "gid": 0,
            "kind": "directory",
            "mode": "0755",
            "size": null,
            "target": null,
            "uid": 0,
            "xattrs": []
          },
          "path": "/tmp",
          "reasons": [
            {
              "line": 1,
              "section": "directories",
              "why": "declared"
            }
          ],
          "source": null
        },
        {
          "change": "added",
          "changes": null,
          "node": {
            "gid": 0,
            "kind": "directory",
            "mode": "0755",
            "size": null,
            "target": null,
            "uid": 0,
            "xattrs": []
          },
          "path": "/var",
          "reasons": [
            {
              "line": 1,
              "section": "directories",
              "why": "declared"
            }
          ],
          "source": null
        }
      ],
      "same": false,
      "settings": [
        {
          "after": [
            "/var"
          ],
          "before": [
            "/tmp"
          ],
          "name": "cmd"
        }
      ],
      "totals": {
        "after": {
          "bytes": 0,
          "paths": 1
        },
        "before": {
          "bytes": 0,
          "paths": 1
        }
      }
    }
  ],
  "same": false
}

"#]],
    );
}
