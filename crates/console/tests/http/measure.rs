//! How fast lists of users answer with a hundred thousand of them. It measures and tells; it is run by hand:
//! `cargo nextest run -p doorward-console --run-ignored only -E 'test(measure)' --no-capture`.

use crate::browser::House;
use axum::http::StatusCode;
use doorward_protocol::admin::AdminRole;
use doorward_service::directory::{ImportOptions, ImportUser};
use std::time::{Duration, Instant};

const USERS: usize = 100_000;
const MOST: Duration = Duration::from_millis(100);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures: takes minutes"]
async fn a_hundred_thousand_users_are_searched_within_a_tenth_of_a_second() {
    // A file of its own, like any SQLite database of these tests.
    let house = House::new().await;
    let begun = Instant::now();
    let given = ["Ada", "Grace", "Alan", "Barbara", "Edsger", "Frances", "Donald", "Hedy", "Ken", "Radia"];
    let family = ["Lovelace", "Hopper", "Turing", "Liskov", "Dijkstra", "Allen", "Knuth", "Lamarr", "Thompson", "Perlman"];
    for part in 0..USERS / 1000 {
        let user = |n: usize| ImportUser {
            email: Some(format!("{}.{}.{n}@example.org", given[n % 10].to_lowercase(), family[n / 10 % 10].to_lowercase())),
            email_verified: Some(!n.is_multiple_of(50)),
            name: Some(format!("{} {} {n}", given[n % 10], family[n / 10 % 10])),
            blocked: n.is_multiple_of(1000),
            ..ImportUser::default()
        };
        let users: Vec<ImportUser> = (0..1000).map(|n| user(part * 1000 + n)).collect();
        house.service.import_users(&house.now(&house.cx), "test", &users, ImportOptions::default()).await.unwrap();
    }
    println!("{USERS} users in {:.1?}", begun.elapsed());
    let mut viewer = house.administrator(AdminRole::Viewer).await;
    let mut slow = Vec::new();
    for query in [
        "",
        "q=ada.lovelace.77700",
        "q=grace",
        "q=hopper.1",
        "q=ken+thompson",
        "q=*turing*",
        "q=zzz",
        "status=blocked",
        "status=active",
        "email=unproven",
        "email=proven",
        "passkey=with",
        "passkey=without",
        "q=alan&status=blocked",
        "q=alan&email=unproven&created_from=2020-01-01",
        "created_from=2020-01-01&created_to=2030-01-01",
        "created_to=2020-01-01",
        "q=email_domain%3Aexample.org",
        "order=oldest",
    ] {
        let mut times = Vec::new();
        for _ in 0..5 {
            let begun = Instant::now();
            let page = viewer.get(&format!("/console/users?{query}")).await;
            times.push(begun.elapsed());
            assert_eq!(page.status, StatusCode::OK, "{query}");
        }
        times.sort();
        println!("{:>8.1} ms (worst {:>6.1})  /console/users?{query}", ms(times[2]), ms(times[4]));
        if times[2] > MOST {
            slow.push(query);
        }
    }
    // Deep in the list: page after page from the middle.
    let mut page = viewer.get("/console/users?q=ada").await;
    let mut worst = Duration::ZERO;
    for _ in 0..20 {
        let next = page.between("rel=\"next\" href=\"", "\"").unwrap().replace("&amp;", "&");
        let begun = Instant::now();
        page = viewer.get(&next).await;
        worst = worst.max(begun.elapsed());
    }
    println!("{:>8.1} ms  the slowest of twenty next pages", ms(worst));
    assert!(slow.is_empty(), "slower than {MOST:?}: {slow:?}");
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
