//! What people do, one after the other.

use super::*;

impl Naive {
    pub(crate) fn does(&mut self, by: usize, deed: Deed, to: usize) -> bool {
        if self.over || self.seat(by).is_none() {
            return false;
        }
        let said = self.tries(by, deed, to);
        self.look();
        said
    }

    #[expect(clippy::too_many_lines, reason = "one arm a deed")]
    fn tries(&mut self, by: usize, deed: Deed, to: usize) -> bool {
        let (mine, theirs) = (self.rank(by), self.rank(to));
        let my_spot = self.spot(by).expect("the actor is here");
        let keeps = mine >= 2;
        // Somebody here, whom the actor may push around.
        let below = self.seat(to).is_some() && to != by && keeps && theirs < mine;
        let their_spot = self.spot(to);
        match deed {
            Deed::RaiseHand => match my_spot {
                Spot::Audience if self.hands_locked() || !self.takes_hand_of(by) => return false,
                Spot::Audience => self.put(by, Spot::Hand(0)),
                Spot::Hand(_) | Spot::Invited(_) => {}
                Spot::Stage(_) => return false,
            },
            Deed::LowerHand => {
                if let Spot::Hand(_) = my_spot {
                    self.put(by, Spot::Audience);
                }
            }
            Deed::Accept => match my_spot {
                Spot::Invited(_) if self.is_blocked_on_stage(by) => {
                    self.put(by, Spot::Audience);
                    return false;
                }
                Spot::Invited(_) => self.put(by, Spot::Stage(Mic::Muted)),
                Spot::Stage(_) => {}
                Spot::Audience | Spot::Hand(_) => return false,
            },
            Deed::Decline => {
                if let Spot::Invited(_) = my_spot {
                    self.put(by, Spot::Audience);
                }
            }
            Deed::StepDown => {
                if let Spot::Stage(_) = my_spot {
                    self.put(by, Spot::Audience);
                }
            }
            Deed::Open | Deed::MuteMyself => match my_spot {
                Spot::Stage(Mic::Held) => return false,
                Spot::Stage(_) if deed == Deed::Open => self.put(by, Spot::Stage(Mic::Open)),
                Spot::Stage(_) => self.put(by, Spot::Stage(Mic::Muted)),
                _ => return false,
            },
            Deed::Invite => match their_spot {
                Some(_) if !keeps => return false,
                Some(Spot::Audience | Spot::Hand(_)) => self.put(to, Spot::Invited(self.now + 60)),
                Some(Spot::Invited(_) | Spot::Stage(_)) => {}
                None => return false,
            },
            Deed::Dismiss => match their_spot {
                _ if !below => return false,
                Some(Spot::Hand(_) | Spot::Invited(_)) => self.put(to, Spot::Audience),
                Some(Spot::Stage(_)) => return false,
                Some(Spot::Audience) | None => {}
            },
            Deed::Move => match their_spot {
                _ if !below => return false,
                Some(Spot::Stage(_)) => self.put(to, Spot::Audience),
                _ => {}
            },
            Deed::Mute | Deed::Hold | Deed::Release => {
                let Some(Spot::Stage(mic)) = their_spot.filter(|_| below) else { return false };
                let mic = match (deed, mic) {
                    (Deed::Hold, _) => Mic::Held,
                    (Deed::Mute, Mic::Open) | (Deed::Release, Mic::Held) => Mic::Muted,
                    (_, mic) => mic,
                };
                self.put(to, Spot::Stage(mic));
            }
            Deed::MuteAll | Deed::Panic => {
                if !keeps {
                    return false;
                }
                self.all(deed);
            }
            Deed::Remove | Deed::TimeOut | Deed::Ban => {
                if !below {
                    return false;
                }
                self.bar(by, deed, to);
            }
            Deed::Undo => return self.undo(by, to),
            Deed::Lock | Deed::Unlock => {
                if !keeps {
                    return false;
                }
                self.locked = deed == Deed::Lock;
            }
            Deed::HandsOff | Deed::HandsOn | Deed::HandsFollowed => {
                if !keeps {
                    return false;
                }
                self.set_hands(match deed {
                    Deed::HandsOff => HandPolicy::Off,
                    Deed::HandsOn => HandPolicy::Everyone,
                    _ => HandPolicy::FollowedBySpeakers,
                });
            }
            Deed::Social | Deed::OpenUp => {
                let kind = if deed == Deed::Social { RoomKind::Social } else { RoomKind::Open };
                if mine < 3 || kind < self.kind {
                    return false;
                }
                self.kind = kind;
            }
            Deed::Make => {
                if self.seat(to).is_none() || mine < 3 || theirs != 1 {
                    return false;
                }
                self.moderators.push(to);
                self.release_if_held(to);
            }
            Deed::Unmake => {
                if self.seat(to).is_none() || mine < 3 || theirs != 2 {
                    return false;
                }
                self.moderators.retain(|other| *other != to);
                self.put(to, self.spot(to).expect("they are here"));
            }
            Deed::HandOver => {
                let here = self.seat(to).is_some_and(|seat| seat.away_until.is_none());
                let keepers = self.seats.iter().filter(|seat| self.rank(seat.person) >= 2).count();
                let may = mine == 3 || mine == 2 && keepers == 1;
                if !here || !may || theirs == 0 || theirs >= mine {
                    return false;
                }
                self.give_to(to);
            }
            Deed::TakeOver => match self.stands {
                Stands::Asking(whom, _) if whom == by => self.give_to(by),
                _ => return mine == 3,
            },
            Deed::End => {
                if mine < 3 {
                    return false;
                }
                if !matches!(self.stands, Stands::Ending(..)) {
                    self.stands = Stands::Ending(self.now + 10, true);
                }
            }
            Deed::KeepGoing => {
                if mine < 3 {
                    return false;
                }
                if matches!(self.stands, Stands::Ending(..)) {
                    self.stands = Stands::Live;
                }
            }
            Deed::Name | Deed::Unname => {
                if !keeps {
                    return false;
                }
                self.title = (deed == Deed::Name).then_some(TITLE);
            }
            Deed::Note => match my_spot {
                Spot::Hand(_) | Spot::Invited(_) => self.seat_mut(by).noted = true,
                Spot::Audience | Spot::Stage(_) => return false,
            },
            Deed::Pin | Deed::Skip => {
                if !keeps || !matches!(their_spot, Some(Spot::Hand(_))) {
                    return false;
                }
                self.events += 1;
                let before = self.in_queue().iter().map(|seat| seat.order).min().unwrap_or(0) - 1;
                let order = if deed == Deed::Pin { before } else { self.events };
                self.seat_mut(to).order = order;
            }
            // Four of one person between two words.
            Deed::React => {
                if self.reacted[by] == 4 {
                    return false;
                }
                self.reacted[by] += 1;
                self.waiting += 1;
            }
        }
        true
    }

    fn all(&mut self, deed: Deed) {
        for person in 0..CAST.len() {
            match self.spot(person) {
                Some(Spot::Stage(_)) if self.rank(person) >= 2 => {}
                Some(Spot::Stage(_)) if deed == Deed::Panic => self.put(person, Spot::Stage(Mic::Held)),
                Some(Spot::Stage(Mic::Open)) => self.put(person, Spot::Stage(Mic::Muted)),
                Some(Spot::Hand(_) | Spot::Invited(_)) if deed == Deed::Panic => {
                    self.put(person, Spot::Audience)
                }
                _ => {}
            }
        }
        if deed == Deed::Panic {
            self.locked = true;
            self.hands = HandPolicy::Off;
        }
    }

    fn set_hands(&mut self, hands: HandPolicy) {
        if self.hands == hands {
            return;
        }
        self.hands = hands;
        for person in 0..CAST.len() {
            if matches!(self.spot(person), Some(Spot::Hand(_))) && !self.takes_hand_of(person) {
                self.put(person, Spot::Audience);
            }
        }
    }

    fn bar(&mut self, by: usize, deed: Deed, person: usize) {
        self.seats.retain(|seat| seat.person != person);
        self.moderators.retain(|other| *other != person);
        if deed == Deed::TimeOut {
            self.timed_out.push((person, self.now + 600));
        } else {
            self.asked.retain(|other| *other != person);
            let list = if deed == Deed::Ban { &mut self.banned } else { &mut self.removed };
            list.push(person);
        }
        self.undoable.push(Removal { person, by, until: self.now + 10 });
        self.removals += 1;
    }

    fn undo(&mut self, by: usize, person: usize) -> bool {
        let Some(remover) = self.undoable.iter().find(|removal| removal.person == person).map(|r| r.by)
        else {
            return false;
        };
        if self.rank(by) < 2 || self.rank(remover) == 3 && remover != by {
            return false;
        }
        for list in [&mut self.removed, &mut self.banned] {
            list.retain(|other| *other != person);
        }
        self.timed_out.retain(|(other, _)| *other != person);
        self.undoable.retain(|removal| removal.person != person);
        if (self.kind != RoomKind::Open || person == GUEST) && !self.asked.contains(&person) {
            self.asked.push(person);
        }
        true
    }

    fn release_if_held(&mut self, person: usize) {
        if self.spot(person) == Some(Spot::Stage(Mic::Held)) {
            self.put(person, Spot::Stage(Mic::Muted));
        }
    }

    fn give_to(&mut self, person: usize) {
        let before = std::mem::replace(&mut self.owner, person);
        self.moderators.retain(|other| *other != person);
        self.moderators.push(before);
        self.release_if_held(person);
    }
}
