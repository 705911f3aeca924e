//! Threads come and go with their handle. The only test of this program: it counts all threads there are.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on is a failed test")]

use std::time::{Duration, Instant};

use media::sdp::Candidates;
use media::{Incarnation, PackingRules};
use sfu::Config;

fn media_threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("media-")).collect();
    names.sort();
    names
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[test]
fn start_and_stop_leave_no_thread_and_no_descriptor() {
    let before = open_files();
    for _ in 0..3 {
        let sockets = sfu::bind("127.0.0.1:0".parse().unwrap(), 2).unwrap();
        let candidates = Candidates { udp: vec![sockets[0].local_addr().unwrap()], ..Candidates::default() };
        let on_broken = Box::new(|_| {});
        let config = Config {
            sockets,
            candidates,
            incarnation: Incarnation(1),
            seed: 1,
            packing: PackingRules::default(),
            on_broken,
        };
        let handle = sfu::start(config, |_| {}).unwrap();
        // A thread has its name, and answers, once it runs.
        assert!(handle.stats().shards.iter().all(Option::is_some));
        assert_eq!(media_threads(), ["media-0\n", "media-1\n"]);
        handle.stop();
        // A thread that was joined is still listed for the moment in which the kernel clears it away.
        let until = Instant::now() + Duration::from_secs(5);
        while !media_threads().is_empty() {
            assert!(Instant::now() < until, "{:?}", media_threads());
            std::thread::yield_now();
        }
        assert_eq!(open_files(), before);
    }
}
