//! The line to the process that calls out: sealed letters out, and what came of each in.
//!
//! One task owns it. Where there is no line, or it breaks, whoever waits is told to try later: the parent brings another.

use std::collections::HashMap;
use std::os::unix::net::UnixStream;

use outbound_api::{Answer, Letter, LetterNumber, Outcome, split};
use tokio::sync::{mpsc, oneshot};

use crate::fresh;
use crate::limits::{LETTERS_IN_FLIGHT, LETTERS_MAILBOX, NO_OUTBOUND_SECONDS};

/// A cheap handle.
#[derive(Clone)]
pub(crate) struct Outbound(mpsc::Sender<Job>);

struct Job {
    /// In a box, which is wiped: a mailbox leaves what was in it lying in its places.
    letter: Box<Letter>,
    answer: oneshot::Sender<Outcome>,
}

/// There is no process that would take it.
const NOBODY: Outcome = Outcome::Later { seconds: NO_OUTBOUND_SECONDS };

impl Outbound {
    /// Starts the task that owns the line; new lines go in at the other end.
    pub(crate) fn start() -> (Self, mpsc::Sender<UnixStream>) {
        let (jobs, mailbox) = mpsc::channel(LETTERS_MAILBOX);
        let (lines, new_lines) = mpsc::channel(1);
        fresh::spawn(move || drive(mailbox, new_lines));
        (Self(jobs), lines)
    }

    /// Waits for what comes of it. Its number is chosen here.
    pub(crate) async fn send(&self, letter: Letter) -> Outcome {
        let (answer, answered) = oneshot::channel();
        if self.0.send(Job { letter: Box::new(letter), answer }).await.is_err() {
            return NOBODY;
        }
        answered.await.unwrap_or(NOBODY)
    }
}

/// Ends when nobody can ask any more, or brings lines.
async fn drive(mut jobs: mpsc::Receiver<Job>, mut lines: mpsc::Receiver<UnixStream>) {
    let mut line = None;
    loop {
        line = match line.take() {
            Some(socket) => match serve(socket, &mut jobs, &mut lines).await {
                Served::Broke => None,
                Served::Another(socket) => Some(socket),
                Served::Over => return,
            },
            None => tokio::select! {
                socket = lines.recv() => match socket {
                    Some(socket) => Some(socket),
                    None => return,
                },
                job = jobs.recv() => match job {
                    Some(job) => {
                        let _ = job.answer.send(NOBODY);
                        None
                    }
                    None => return,
                },
            },
        };
    }
}

enum Served {
    Broke,
    Another(UnixStream),
    Over,
}

/// What waits for an answer when it ends is let go of, which says [`NOBODY`].
async fn serve(
    socket: UnixStream,
    jobs: &mut mpsc::Receiver<Job>,
    lines: &mut mpsc::Receiver<UnixStream>,
) -> Served {
    let Ok((mut answers, mut letters)) = split::<Answer, Letter>(socket) else { return Served::Broke };
    let mut waiting: HashMap<LetterNumber, oneshot::Sender<Outcome>> = HashMap::new();
    let mut sent = 0;
    loop {
        tokio::select! {
            answer = answers.next() => match answer {
                Ok(Answer { number, outcome }) => {
                    if let Some(waits) = waiting.remove(&number) {
                        let _ = waits.send(outcome);
                    }
                }
                Err(_) => return Served::Broke,
            },
            job = jobs.recv(), if waiting.len() < LETTERS_IN_FLIGHT => {
                let Some(Job { mut letter, answer }) = job else { return Served::Over };
                sent += 1;
                letter.number = LetterNumber(sent);
                waiting.insert(letter.number, answer);
                // Its answers are small and few: it never waits for us to read them while we wait here.
                if letters.send(&letter).await.is_err() {
                    return Served::Broke;
                }
            }
            socket = lines.recv() => return socket.map_or(Served::Over, Served::Another),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outbound_api::{Address, Body, Proof, Urgency};

    fn letter() -> Letter {
        Letter {
            number: LetterNumber(0),
            address: Address::new("https://push.example.org/1").expect("short"),
            proof: Proof::new("vapid").expect("short"),
            keep_seconds: 1,
            urgency: Urgency::Normal,
            body: Body::new(vec![1]).expect("short"),
        }
    }

    #[tokio::test]
    async fn a_letter_waits_for_its_answer_and_for_the_next_process_where_that_one_dies() {
        let (outbound, lines) = Outbound::start();
        assert_eq!(outbound.send(letter()).await, NOBODY, "there is none yet");

        let (ours, theirs) = UnixStream::pair().expect("a pair");
        lines.send(ours).await.expect("taken");
        let (mut letters, mut answers) = split::<Letter, Answer>(theirs).expect("an end");
        let sending = tokio::spawn({
            let outbound = outbound.clone();
            async move { outbound.send(letter()).await }
        });
        let number = letters.next().await.expect("a letter").number;
        answers.send(&Answer { number, outcome: Outcome::Gone }).await.expect("sent");
        assert_eq!(sending.await.ok(), Some(Outcome::Gone));

        let sending = tokio::spawn({
            let outbound = outbound.clone();
            async move { outbound.send(letter()).await }
        });
        letters.next().await.expect("a letter");
        drop((letters, answers));
        assert_eq!(sending.await.ok(), Some(NOBODY), "it died over it");
    }
}
