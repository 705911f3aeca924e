//! What a machine lacks is named, with the line that installs it, where it cannot be installed without asking.

use std::process::Command;

#[test]
fn whoever_lacks_a_browser_is_told_what_to_install_and_how() {
    // Root or not: nothing can be installed where there is no `apt-get`.
    let nothing = std::env::temp_dir().join(format!("vivavoce-xtask-{}-nothing", std::process::id()));
    std::fs::create_dir_all(&nothing).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["test", "--only", "browsers"]).env("PATH", &nothing);
    for variable in ["VIVAVOCE_CHROMIUM", "VIVAVOCE_FIREFOX", "VIVAVOCE_PULSEAUDIO", "VIVAVOCE_OPENSSL"] {
        command.env_remove(variable);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success());
    let names = "chromium firefox-esr pulseaudio openssl";
    let told = format!(
        "Please install {names}. On Debian, as root: apt-get update && apt-get install --yes --no-install-recommends {names}"
    );
    assert!(said.contains(&told), "{said}");
    assert!(said.ends_with("0 passed, 1 failed\n"), "{said}");
    std::fs::remove_dir(nothing).unwrap();
}
