//! Which room: the one that was named, or one of those that are going on.

use client::api::{Socket, Welcome};
use client::visit::Destination;
use protocol::hallway::{CardDoor, HallwayChange, RoomCard};
use protocol::id::RoomId;
use protocol::room::{Confidentiality, HandPolicy, RoomKind};
use protocol::socket::{NewRoom, ServerMessage};
use protocol::text::ServerName;

use super::Sorry;
use super::terminal::{self, Keyboard};
use crate::args::Room;
use crate::say;

/// None for somebody who would rather not.
pub(super) async fn choose(
    wanted: Option<Room>,
    socket: &mut Socket,
    welcome: &Welcome,
    keyboard: &mut Keyboard,
) -> Result<Option<Destination>, Sorry> {
    match wanted {
        Some(Room::Enter(room)) => return Ok(Some(Destination::Room(room))),
        Some(Room::Start(title)) => {
            return Ok(Some(Destination::New(NewRoom {
                title: Some(title),
                kind: RoomKind::Open,
                hands: HandPolicy::Everyone,
                confidentiality: Confidentiality::Relayed,
                language: None,
                club: None,
                ask: Vec::new(),
                moderators: Vec::new(),
            })));
        }
        None => {}
    }
    let mut cards = welcome.hallway.clone();
    say::out(&list(&welcome.server.name, &cards));
    if !terminal::is_there() {
        return Err(Sorry("Say which room with --room, or start one with --start.".to_owned()));
    }
    loop {
        say::out("Which room? Its number, Enter to look again, or q: ");
        let line = loop {
            tokio::select! {
                line = keyboard.line() => break line,
                message = socket.next() => if let ServerMessage::Hallway { changes } = message? {
                    changes.into_iter().for_each(|change| apply(&mut cards, change));
                },
            }
        };
        match line.as_deref() {
            None | Some("q") => return Ok(None),
            Some("") => say::out(&list(&welcome.server.name, &cards)),
            Some(text) => match numbered(text, &cards) {
                Some(room) => return Ok(Some(Destination::Room(room))),
                None => say::out("There is no such number.\n"),
            },
        }
    }
}

/// From 1.
fn numbered(text: &str, cards: &[RoomCard]) -> Option<RoomId> {
    let number: usize = text.parse().ok()?;
    cards.get(number.checked_sub(1)?).map(|card| card.room)
}

fn apply(cards: &mut Vec<RoomCard>, change: HallwayChange) {
    match change {
        HallwayChange::Card { card } => match cards.iter_mut().find(|known| known.room == card.room) {
            Some(known) => *known = card,
            None => cards.push(card),
        },
        HallwayChange::Gone { room } => cards.retain(|card| card.room != room),
    }
}

fn list(server: &ServerName, cards: &[RoomCard]) -> String {
    let head = match cards.len() {
        0 => "nobody talks at the moment; --start begins a room.".to_owned(),
        1 => "one room.".to_owned(),
        many => format!("{many} rooms."),
    };
    let rows = cards.iter().zip(1..).map(|(card, number)| row(card, number));
    format!("{}: {head}\n{}", server.as_str(), rows.collect::<String>())
}

fn row(card: &RoomCard, number: usize) -> String {
    let title = card.title.as_ref().map_or("(no title)", |title| title.as_str());
    let faces: Vec<&str> = card.faces.iter().map(|face| face.name.as_str()).collect();
    let kind = match card.kind {
        RoomKind::Closed => ", closed",
        RoomKind::Social => ", social",
        RoomKind::Club => ", for members of its club",
        RoomKind::Open => "",
    };
    let door = match card.door {
        CardDoor::Open => "",
        CardDoor::Locked => ", locked for now",
        CardDoor::Full => ", full",
    };
    let asked =
        card.asked_by.as_ref().map(|name| format!(", {} asks you in", name.as_str())).unwrap_or_default();
    format!(
        "{number:>3}  {title}: {} on stage ({}), {} listening{kind}{door}{asked}\n",
        card.on_stage,
        faces.join(", "),
        card.in_audience
    )
}

#[cfg(test)]
mod tests {
    use protocol::hallway::Face;
    use protocol::text::{DisplayName, RoomTitle};

    use super::*;

    fn card(n: u8, title: Option<&str>) -> RoomCard {
        let face = |name| Face {
            name: DisplayName::parse(name).expect("a name"),
            handle: None,
            speaking: false,
            picture: None,
        };
        RoomCard {
            room: RoomId([n; 16]),
            title: title.map(|title| RoomTitle::parse(title).expect("a title")),
            kind: if n == 1 { RoomKind::Open } else { RoomKind::Closed },
            language: None,
            club: None,
            faces: vec![face("Ann"), face("Ben")],
            on_stage: 2,
            in_audience: 40,
            followed_on_stage: 0,
            followed_in_audience: 0,
            liveliness: 0,
            asked_by: (n == 2).then(|| DisplayName::parse("Clara").expect("a name")),
            door: if n == 2 { CardDoor::Locked } else { CardDoor::Open },
            event: None,
        }
    }

    fn server() -> ServerName {
        ServerName::parse("Home").expect("a name")
    }

    #[test]
    fn what_is_going_on_is_shown_with_numbers() {
        let cards = [card(1, Some("Tea")), card(2, None)];
        assert_eq!(
            list(&server(), &cards),
            "Home: 2 rooms.\n  1  Tea: 2 on stage (Ann, Ben), 40 listening\n  2  (no title): 2 on stage (Ann, Ben), \
             40 listening, closed, locked for now, Clara asks you in\n"
        );
        assert_eq!(list(&server(), &[]), "Home: nobody talks at the moment; --start begins a room.\n");
        assert_eq!(numbered("2", &cards), Some(RoomId([2; 16])));
        for none in ["0", "3", "x", "-1", "99999999999999999999"] {
            assert_eq!(numbered(none, &cards), None);
        }
    }

    #[test]
    fn the_list_changes_with_the_hallway() {
        let mut cards = vec![card(1, Some("Tea"))];
        apply(&mut cards, HallwayChange::Card { card: card(2, None) });
        apply(&mut cards, HallwayChange::Card { card: card(1, Some("Cake")) });
        let titles: Vec<_> =
            cards.iter().map(|card| card.title.as_ref().map(|title| title.as_str())).collect();
        assert_eq!(titles, [Some("Cake"), None]);
        apply(&mut cards, HallwayChange::Gone { room: RoomId([1; 16]) });
        assert_eq!(cards.len(), 1);
    }
}
