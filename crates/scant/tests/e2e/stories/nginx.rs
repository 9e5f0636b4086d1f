//! A web server with a module, its own user and writable places.

use crate::docker::docker;
use crate::example::Example;
use crate::net::{free_port, get, wait_for};
use crate::scant::{everything_is_explained, scant};
use crate::tools::{require, require_ok};

#[test]
fn nginx_serves_a_page_as_a_user_of_its_own() {
    require!(NGINX);
    let example = Example::copy("nginx");
    let docker = require_ok!(docker());
    let port = free_port();
    example.replace("nginx.conf", "listen 8080", &format!("listen 127.0.0.1:{port}"));
    let build = "build nginx.yml -o docker-daemon:site:latest -o oci-archive:site.tar";
    scant(example.path(), build).env("DOCKER_HOST", docker.host()).ok();
    everything_is_explained(example.path(), "oci-archive:site.tar");

    let server = docker.start("scant-nginx", "", "site:latest");
    let page = wait_for(|| get(port, "/"));
    let page = page.unwrap_or_else(|| panic!("no page: {}", server.log()));
    assert!(page.contains("there for a reason"), "{page}");
    let echo = get(port, "/echo").expect("it answered before");
    assert_eq!(echo, "the module answers\n");
    let processes = docker.run("top scant-nginx -eo uid,pid").ok();
    let users: Vec<_> = processes.lines().skip(1).map(|l| l.split_whitespace().next()).collect();
    assert!(users.len() > 1 && users.iter().all(|user| *user == Some("101")), "{processes}");
}
