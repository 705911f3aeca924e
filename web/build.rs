//! Builds the client with npm and Vite, and writes the table of its files that `src_rust/lib.rs` embeds.

#[path = "npm.rs"]
mod npm;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use npm::{Lock, Packages};

/// What a changed client is made of; `node_modules` is not among it.
const INPUTS: [&str; 11] = [
    "build.rs",
    "npm.rs",
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "svelte.config.js",
    "vite.config.ts",
    "vite.seal.ts",
    "vite.worker.ts",
];

fn main() {
    if let Err(sentence) = build() {
        // One directive is one line, and the first is what people see.
        for line in sentence.lines() {
            println!("cargo::error={line}");
        }
        std::process::exit(1);
    }
}

fn build() -> Result<(), String> {
    let folder = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    for input in INPUTS {
        // A path that does not exist would make Cargo run this for ever.
        if folder.join(input).exists() {
            println!("cargo::rerun-if-changed={}", folder.join(input).display());
        }
    }
    println!("cargo::rerun-if-env-changed=VIVAVOCE_WEB");
    println!("cargo::rerun-if-env-changed=VIVAVOCE_WEB_DIST");
    let dist = client(&folder, &out)?;
    let table = table(&dist)?;
    fs::write(out.join("assets.rs"), table).map_err(|e| format!("cannot write the table of assets: {e}"))
}

/// The folder with the built client: a given one, a packaged one, a notice, or a fresh build.
fn client(folder: &Path, out: &Path) -> Result<PathBuf, String> {
    if let Ok(dist) = env::var("VIVAVOCE_WEB_DIST") {
        let dist = PathBuf::from(dist);
        println!("cargo::rerun-if-changed={}", dist.display());
        return Ok(dist);
    }
    if folder.join("dist/index.html").is_file() && !folder.join("src").exists() {
        return Ok(folder.join("dist"));
    }
    match env::var("VIVAVOCE_WEB") {
        Ok(value) if value == "skip" => notice(out),
        Ok(value) => Err(format!("VIVAVOCE_WEB is {value:?}; it knows only \"skip\".")),
        Err(_) => fresh(folder, out),
    }
}

/// For checks and lints, which need some client but not this one.
fn notice(out: &Path) -> Result<PathBuf, String> {
    if variable("PROFILE")? == "release" {
        return Err("VIVAVOCE_WEB=skip leaves the client out, and a release is never without it.".to_owned());
    }
    let dist = out.join("notice");
    let page = "<!doctype html><html lang=\"en\"><title>Vivavoce</title>\
                <p>This server was built with VIVAVOCE_WEB=skip, so the client is not in it.</p></html>\n";
    fs::create_dir_all(&dist)
        .and_then(|()| fs::write(dist.join("index.html"), page))
        .and_then(|()| fs::write(dist.join("bundle.txt"), "none"))
        .map_err(|e| format!("cannot write {}: {e}", dist.display()))?;
    Ok(dist)
}

fn fresh(folder: &Path, out: &Path) -> Result<PathBuf, String> {
    npm::check_node()?;
    let dist = out.join("dist");
    let _lock = Lock::take(folder)?;
    npm::install(folder, Packages::Product)?;
    let mut vite = npm::npm();
    vite.args(["run", "build", "--silent", "--", "--logLevel=warn"]);
    npm::run(vite.env("VIVAVOCE_WEB_OUT", &dist).current_dir(folder))?;
    Ok(dist)
}

/// Rust source: one `Asset` per file, sorted by path, compressed forms folded into the file they belong to.
fn table(dist: &Path) -> Result<String, String> {
    let bundle = fs::read_to_string(dist.join("bundle.txt"))
        .map_err(|e| format!("{} is not a built client: bundle.txt: {e}", dist.display()))?;
    let mut files = Vec::new();
    walk(dist, &mut files).map_err(|e| format!("cannot list {}: {e}", dist.display()))?;
    if !files.contains(&dist.join("index.html")) {
        return Err(format!("{} is not a built client: it has no index.html", dist.display()));
    }
    files.sort();
    let mut source =
        format!("pub const BUNDLE: &str = {:?};\n\nstatic ASSETS: &[Asset] = &[\n", bundle.trim());
    for file in &files {
        let extension = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
        if matches!(extension, "br" | "gz") || file.ends_with("bundle.txt") {
            continue;
        }
        asset(&mut source, dist, file)?;
    }
    source.push_str("];\n");
    Ok(source)
}

fn asset(source: &mut String, dist: &Path, file: &Path) -> Result<(), String> {
    let relative = file.strip_prefix(dist).map_err(|e| e.to_string())?;
    let path = relative.to_str().ok_or_else(|| format!("{} is not UTF-8", relative.display()))?;
    let path = format!("/{}", path.replace('\\', "/"));
    let bytes = fs::read(file).map_err(|e| format!("cannot read {}: {e}", file.display()))?;
    let tag = format!("{:016x}", fnv1a(&bytes));
    // Vite puts a hash of the content into the names below /assets/.
    let caching = if path.starts_with("/assets/") { "Immutable" } else { "Revalidate" };
    let mime =
        mime(&path).ok_or_else(|| format!("no media type is known for {path}; name it in build.rs"))?;
    let variant = |suffix: &str, mark: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        let name = PathBuf::from(name);
        name.is_file().then(|| {
            format!("Variant {{ etag: {:?}, bytes: include_bytes!({name:?}) }}", format!("\"{tag}{mark}\""))
        })
    };
    let option = |found: Option<String>| found.map_or("None".to_owned(), |text| format!("Some({text})"));
    let identity = variant("", "").ok_or_else(|| format!("{path} vanished"))?;
    let (brotli, gzip) = (option(variant(".br", "-br")), option(variant(".gz", "-gz")));
    writeln!(
        source,
        "    Asset {{ path: {path:?}, mime: {mime:?}, caching: Caching::{caching}, identity: {identity}, \
         brotli: {brotli}, gzip: {gzip} }},"
    )
    .map_err(|e| e.to_string())
}

/// FNV-1a, 64 bits: tells two versions of a file apart, and keeps no secret.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn mime(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|e| format!("{name}: {e}"))
}
