//! Whoever is erased is in no file.

use std::path::Path;

use crate::evening::Person;
use crate::kept::Kept;

/// No file of the server's has a byte of who they were; of everybody else, the database has.
pub(crate) fn erased_are(data: &Path, people: &[Person], kept: &Kept) {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(data).expect("readable") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            bytes.extend(std::fs::read(path).expect("readable"));
        }
    }
    let has = |mark: &[u8]| memchr::memmem::find(&bytes, mark).is_some();
    for Person { handle, id, .. } in people {
        let there = kept.is_there(handle);
        assert_eq!(has(handle.as_bytes()), there, "{handle} in the files");
        assert_eq!(has(&id.0), there, "the id of {handle} in the files");
    }
}
