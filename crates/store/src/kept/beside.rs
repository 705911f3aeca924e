//! What is kept beside the database: in files, in memory, and on members' own devices.

/// Something that is kept outside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beside {
    pub what: &'static str,
    pub why: &'static str,
    pub until: &'static str,
}

/// Where a value of Vivavoce lies that is no column.
pub const BESIDE: &[Beside] = &[
    Beside {
        what: "`vivavoce.db-wal`, `vivavoce.db-shm`",
        why: "The database's own log, beside it while the server runs: what was written last. What is deleted is \
              overwritten with zeros in the database, and after somebody erased their account the whole file is written \
              anew.",
        until: "Overwritten and emptied when somebody erases their account, every hour, and when the server starts and \
                stops.",
    },
    Beside {
        what: "`vivavoce.db.schema-N`",
        why: "A whole copy of the database from before an update that changed its tables, to go back to. Whoever was \
              erased since is still in it.",
        until: "The next such copy, and 30 days at most: cleared away within the hour after that, and at every start.",
    },
    Beside {
        what: "`lock`",
        why: "An empty file: one server for one folder.",
        until: "As long as the folder.",
    },
    Beside {
        what: "`admin.sock`",
        why: "Where `vivavoce admin` asks. A socket: nothing is stored in it.",
        until: "Made anew at each start.",
    },
    Beside {
        what: "TLS certificate and key",
        why: "The files that `--tls-cert` and `--tls-key` name. Read where they lie, never copied.",
        until: "As whoever runs the server wants.",
    },
    Beside {
        what: "Configuration",
        why: "Flags, environment and a TOML file of whoever runs the server: addresses and numbers, nothing about people.",
        until: "As whoever runs the server wants.",
    },
    Beside {
        what: "The log",
        why: "Lines of a fixed list with numbers in them, on standard output. No name, title, address or token can be in \
              one, but for one: a server without an owner prints the owner's link when it starts. It works once, for an hour.",
        until: "As the system that takes the lines keeps them.",
    },
];

/// What is in memory only, and gone with it: no process writes any of it anywhere.
pub const IN_MEMORY: &[Beside] = &[
    Beside {
        what: "Rooms: title, people, roles, hands and what they are about, what is pinned up; whom they refuse and links for guests, as keyed hashes, and for whom a link is until it is taken up",
        why: "The conversation itself. Sealed copies lie with the parent process, which has no key, so that a crash ends \
              nothing.",
        until: "The room's end; all of them when the server stops.",
    },
    Beside {
        what: "Who spoke lately",
        why: "Of those who left their handle and when that was, and nothing else: whoever leaves after a word can still be \
              reported for it. And who reported lately, as keyed hashes, so that nobody reports everybody.",
        until: "Ten minutes after their last word or report, or the room's end.",
    },
    Beside {
        what: "What people write to the room",
        why: "Where those who keep order switched it on. The last hundred, for whoever comes in.",
        until: "Whoever wrote it leaves, it is taken away or switched off, a crash, or the room's end.",
    },
    Beside {
        what: "Who talked how long",
        why: "Those who keep order can ask, to share the floor out fairly. Of those who are in the room.",
        until: "They leave, or the room's end.",
    },
    Beside {
        what: "Reports",
        why: "Who reports whom, by handle where they had left, why, and who heard it too, while others can still sign; \
              afterwards, while the process with the database does not take it.",
        until: "Two minutes, and then as soon as it is taken; ten minutes at most where it is not.",
    },
    Beside {
        what: "Whom people in rooms follow and block",
        why: "Who is listed first, who may come into rooms for followed people, who comes in and comes up at all.",
        until: "They leave, or the room's end; that it has changed and is to be asked for again, until there is an answer.",
    },
    Beside {
        what: "Who is in a club, and banned from it",
        why: "As long as one of its rooms is on: who comes in there, and who finds it in the hallway.",
        until: "The room's end, or a change of it.",
    },
    Beside {
        what: "Totals for `--metrics`, where they are asked for",
        why: "How much was done, of nobody and of no room.",
        until: "The server stops.",
    },
    Beside {
        what: "Sound",
        why: "The last few packets of each voice: the first syllable of whoever begins, and a second copy for those whose \
              network loses some.",
        until: "Less than a second.",
    },
    Beside {
        what: "Who was invited from which room",
        why: "Whoever comes by such an invitation lands there.",
        until: "The room's end.",
    },
    Beside {
        what: "Who would like to talk, and asks whom",
        why: "People who follow each other see it of each other, and find company; and who came just now by whose invitation. \
              With it goes how often somebody asked lately.",
        until: "They switch it off, sign out, go into a room, or their last page is gone for half a minute; an hour at most. A \
                question: its answer, or a minute; that it was asked, so that it is asked once, as long as the other is \
                available. Who came: ten minutes, or the last page of either is gone. How
                often somebody asked: ten minutes.",
    },
    Beside {
        what: "Who pinged whom into a room",
        why: "Nobody pings the same person again and again, nor everybody: as keyed hashes of the one, and of the two together.",
        until: "Ten minutes, and some seconds; the key is gone with the process.",
    },
    Beside {
        what: "Rate limits",
        why: "How often something was tried, by a keyed hash of address or member; and what somebody was told of somebody lately, by \
              a keyed hash, so that it is not told again and again.",
        until: "Ten minutes: for addresses the key is thrown away then, for members the counter has run empty at the latest.",
    },
    Beside {
        what: "Who is connected",
        why: "Open sockets, their member and session, and whether somebody looks at the page; the network address, as long as the \
              connection stands.",
        until: "The connection's end.",
    },
    Beside {
        what: "What the keeper has answered",
        why: "Rows of the database that were asked for, so that they need not be read again.",
        until: "A change of theirs, and an hour at most.",
    },
    Beside {
        what: "Pictures",
        why: "Of people whose faces were looked at lately, so that a full house need not have each read from the database \
              for everybody; and a file that somebody puts up, while it is made small and the connection stands that it came on.",
        until: "Ten minutes after they were first asked for, or sooner where they are changed, taken away or pushed out by \
                others.",
    },
    Beside {
        what: "Notifications on their way",
        why: "Sealed for one browser each: its address and bytes that only it opens. Of those who rang somebody's bell, some at a \
              time, whose browsers they have.",
        until: "They are taken, or not wanted, or were tried for some minutes; while a room's bell rings, ten minutes or its end.",
    },
    Beside {
        what: "Passkey ceremonies",
        why: "The challenge between the two halves of a sign-in.",
        until: "The other half, or five minutes; what nobody finished is let go when somebody begins the next.",
    },
];

/// What lies on the member's own device.
pub const ON_THE_DEVICE: &[Beside] = &[
    Beside {
        what: "The cookie `s`",
        why: "The session's secret; the server has its hash alone.",
        until: "Signing out, or 180 days.",
    },
    Beside {
        what: "Settings of the page",
        why: "Colours, keys, chosen microphone and loudspeaker.",
        until: "As long as the browser keeps them.",
    },
    Beside {
        what: "Pictures of people",
        why: "So that a face that was seen is not fetched again, as browsers keep any picture.",
        until: "A day, or as long as the browser keeps them.",
    },
    Beside { what: "Volumes", why: "How loud each person is for this member alone.", until: "Signing out." },
    Beside {
        what: "The seat of this tab",
        why: "So that a page that is loaded anew is in its room again.",
        until: "The room is left, or the tab is closed.",
    },
    Beside {
        what: "Words of hidden topics",
        why: "Rooms whose titles hold them are hidden from this member, here alone.",
        until: "They want to see them again, or sign out.",
    },
    Beside {
        what: "Rooms hidden in this tab",
        why: "So that they stay hidden over a reload.",
        until: "They are over or shown again, the member signs out, or the tab is closed.",
    },
];
