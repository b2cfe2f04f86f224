//! Nothing to draw ids of sessions from.

use std::sync::Arc;

use mcp_core::{Limits, Revision};

use super::points::{How, Points};
use super::session::{is_served, session};
use super::{Ears, Side, World};
use crate::random::failing::{Which, drawn, let_fail};

/// A server with room for one session.
fn small() -> World {
    World::new(Limits {
        sessions: 1,
        ..Limits::default()
    })
}

#[tokio::test(start_paused = true)]
async fn a_session_whose_id_cannot_be_drawn_is_refused_and_takes_no_room() {
    let (world, sound, ears) = (small(), Points::new(0, How::Short), Arc::default());
    let legacy = Some(Revision::NEWEST_LEGACY);
    for which in [Which::Only(1), Which::From(1)] {
        let_fail(which);
        let refused = world.connect(&sound, Side::Server, legacy, &ears);
        let error = refused.await.unwrap_err().to_string();
        assert!(error.contains("no session can begin now"), "{error}");
        assert_eq!(drawn(), 1);
    }
    let_fail(Which::None);
    let next = world.connect(&sound, Side::Server, legacy, &ears);
    is_served(&next.await.unwrap()).await;
}

#[tokio::test(start_paused = true)]
async fn a_server_of_the_modern_era_draws_nothing() {
    let (world, sound, ears) = (small(), Points::new(0, How::Short), Arc::<Ears>::default());
    let_fail(Which::From(1));
    let client = world.connect(&sound, Side::Server, None, &ears);
    session(&client.await.unwrap(), &ears, &world.desk, &sound).await;
    assert_eq!(drawn(), 0);
    let_fail(Which::None);
}
