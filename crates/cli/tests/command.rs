//! The binary as people meet it: what it says when something is wrong, and what it prints.

use std::process::{Command, Stdio};

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn vivavoce(arguments: &[&str], environment: &[(&str, &str)]) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("wrong.toml"), "lisen = \"127.0.0.1:0\"\n").expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_vivavoce"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .expect("started");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn an_unknown_setting_stops_it_with_one_sentence() {
    for (arguments, environment, sentence) in [
        (
            &["--config", "wrong.toml"][..],
            &[][..],
            "wrong.toml: there is no setting `lisen`. Is listen meant?\n",
        ),
        (
            &["serve"],
            &[("VIVAVOCE_DATTA", "x")],
            "There is no setting for the environment variable VIVAVOCE_DATTA. Is VIVAVOCE_DATA meant?\n",
        ),
        (
            &["config", "check", "--media-threads", "99"],
            &[],
            "--media-threads: `99` is not a number from 0 to 64.\n",
        ),
    ] {
        let said = vivavoce(arguments, environment);
        assert_eq!((said.code, said.err.as_str()), (Some(2), sentence));
        assert_eq!(said.out, "");
    }
}

#[test]
fn a_good_configuration_is_said_to_be_good() {
    let said = vivavoce(&["config", "check"], &[("VIVAVOCE_CONFIG", "/dev/null")]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "The configuration is good.\n"), "{}", said.err);
}

#[test]
fn the_printed_configuration_shows_what_is_set() {
    let said = vivavoce(&["config", "print", "--listen", "[::]:9000"], &[]);
    assert!(said.out.contains("\nlisten = \"[::]:9000\"\n"), "{}", said.out);
    assert!(said.out.contains("\n#data = \"./data\"\n"), "{}", said.out);
}

#[test]
fn the_administrator_is_told_when_no_server_runs() {
    let said = vivavoce(&["admin", "member", "list", "--data", "/nowhere"], &[]);
    assert_eq!(said.code, Some(1));
    assert_eq!(said.err, "No server is running with the data directory /nowhere.\n");
}

#[test]
fn the_parts_of_the_server_do_not_run_by_hand() {
    for part in ["keeper", "live", "outbound"] {
        let said = vivavoce(&[part], &[]);
        assert_eq!(said.code, Some(1));
        assert_eq!(said.err, "This is a part of the server; `vivavoce serve` starts it.\n");
    }
}
