//! The first page: what has to be done yet, and how sign-in is going. Every number comes from the counters that use cases add up in
//! their own transactions, so this page costs the same for ten users and for ten million.

use crate::asking::Asking;
use crate::door::{Answer, Doors};
use crate::look;
use doorward_protocol::admin::Right::{self, Manage, Own, Read};
use doorward_store::directory::Rollup;
use serde::Serialize;
use std::collections::BTreeMap;

pub fn doors(doors: Doors) -> Doors {
    doors.page("/console", Read, show)
}

const DAYS: i64 = 30;
const DAY: i64 = 86_400;
/// Size of a plot, in its own units.
const WIDTH: i64 = 720;
const HEIGHT: i64 = 160;
/// Live sessions are counted up to here; beyond it the exact number helps nobody.
const MANY: i64 = 100_000;

#[derive(Serialize)]
struct OverviewPage {
    steps: Vec<Step>,
    todo: bool,
    sign_ins: Plot,
    sign_ups: Plot,
    failures: Vec<Share>,
    passkeys: Passkeys,
    sessions: i64,
    many_sessions: bool,
    quiet: bool,
}

/// One of the first things to do, and whether it is done.
#[derive(Serialize)]
struct Step {
    word: &'static str,
    url: &'static str,
    done: bool,
    /// Who can do it; nobody else is shown it.
    #[serde(skip)]
    right: Right,
}

/// Bars by day.
#[derive(Debug, Serialize)]
struct Plot {
    bars: Vec<Bar>,
    /// Top of the scale, and half of it.
    top: i64,
    series: Vec<Series>,
    total: i64,
    from: i64,
    to: i64,
    rows: Vec<Row>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Bar {
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    series: usize,
    /// What it stands for, told where one points at it.
    day: String,
    name: String,
    count: i64,
}

#[derive(Debug, Serialize)]
struct Series {
    name: String,
    total: i64,
}

/// A day in the table beside a plot.
#[derive(Debug, Serialize)]
struct Row {
    at: i64,
    counts: Vec<i64>,
}

/// A bar that lies.
#[derive(Debug, Serialize)]
struct Share {
    name: String,
    count: i64,
    width: i64,
}

/// A stage on the way to a passkey.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Stage {
    word: &'static str,
    count: i64,
    /// In a hundred of the first one.
    share: i64,
    width: i64,
}

/// The stages, each as wide as its part of the widest.
fn funnel(counts: [(&'static str, i64); 4]) -> Vec<Stage> {
    let first = counts.first().map_or(0, |(_, count)| *count);
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    counts
        .into_iter()
        .map(|(word, count)| Stage { word, count, share: percent(count, first), width: count * WIDTH / most })
        .collect()
}

#[derive(Serialize)]
struct Passkeys {
    /// From the offer to the first use.
    funnel: Vec<Stage>,
    made: i64,
    declined: i64,
    used: i64,
    other: i64,
    /// In a hundred: of those who were asked, and of all sign-ins.
    made_share: i64,
    used_share: i64,
}

/// `GET /console`
async fn show(asking: Asking) -> Answer {
    let (service, cx) = (asking.service(), asking.cx());
    let tenant = cx.tenant_id();
    let today = cx.now.seconds().div_euclid(DAY);
    let counters = service.daily_counts(cx, today - DAYS + 1, today).await?;
    let sessions = service.store.count_sessions(tenant, cx.now, MANY + 1).await?;
    let applications = service.list_applications(cx, None, 3).await?.items;
    let own = applications.iter().filter(|a| a.client_id != "doorward-demo").count();
    let sum = |name: &str| counters.iter().filter(|c| c.name == name).map(|c| c.count).sum::<i64>();
    let mut steps = vec![
        Step {
            word: "passkey",
            url: "/account/passkeys",
            done: !service.store.passkeys(tenant, asking.person.user.id).await?.is_empty(),
            right: Read,
        },
        Step { word: "application", url: "/console/applications/new", done: own > 0, right: Manage },
        Step { word: "brand", url: "/console/branding", done: cx.tenant.row.settings.0.brand.color.is_some(), right: Manage },
        Step { word: "team", url: "/console/team", done: service.list_administrators(cx).await?.len() > 1, right: Own },
    ];
    steps.retain(|step| asking.role.may(step.right));
    let used = sum("sign_in.passkey");
    let all: i64 = counters.iter().filter(|c| c.name.starts_with("sign_in.")).map(|c| c.count).sum();
    let (made, declined) = (sum("passkey.created"), sum("passkey.declined"));
    let page = OverviewPage {
        todo: steps.iter().any(|step| !step.done),
        steps,
        sign_ins: plot(&counters, "sign_in.", today),
        sign_ups: plot(&counters, "sign_up", today),
        failures: shares(&counters),
        passkeys: Passkeys {
            funnel: funnel([
                ("offered", sum("passkey.offered")),
                ("started", sum("passkey.started")),
                ("created", made),
                ("used", sum("passkey.used")),
            ]),
            made,
            declined,
            used,
            other: all - used,
            made_share: percent(made, made + declined),
            used_share: percent(used, all),
        },
        many_sessions: sessions > MANY,
        sessions: sessions.min(MANY),
        quiet: counters.is_empty(),
    };
    asking.show("console/overview.html", &page)
}

/// A day of the counters as a date.
fn date(day: i64) -> String {
    time::OffsetDateTime::from_unix_timestamp(day * DAY).map(|moment| moment.date().to_string()).unwrap_or_default()
}

fn percent(part: i64, whole: i64) -> i64 {
    if whole <= 0 { 0 } else { (part * 100 + whole / 2) / whole }
}

/// The words for the name of a counter; a name without words stands for itself.
fn label(family: &str, name: &str) -> String {
    let name = name.replace('_', "-");
    look::known(&format!("{family}-{name}")).unwrap_or_else(|| name.replace('-', " "))
}

/// Counters whose name begins with `prefix`, stacked by day; the largest series lies at the bottom.
fn plot(counters: &[Rollup], prefix: &str, today: i64) -> Plot {
    let first = today - DAYS + 1;
    let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
    let mut days: BTreeMap<(i64, &str), i64> = BTreeMap::new();
    for counter in counters {
        if let Some(name) = counter.name.strip_prefix(prefix) {
            *totals.entry(name).or_default() += counter.count;
            *days.entry((counter.day, name)).or_default() += counter.count;
        }
    }
    let mut series: Vec<(&str, i64)> = totals.into_iter().collect();
    series.sort_by_key(|(name, total)| (-total, *name));
    let of_day = |day: i64| series.iter().map(|(name, _)| days.get(&(day, *name)).copied().unwrap_or(0)).collect::<Vec<_>>();
    let highest = (first..=today).map(|day| of_day(day).iter().sum::<i64>()).max().unwrap_or(0);
    let top = round_up(highest);
    let step = WIDTH / DAYS;
    let (mut bars, mut rows) = (Vec::new(), Vec::new());
    for day in first..=today {
        let counts = of_day(day);
        let mut below = 0;
        for (n, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            // From the sum, so that rounding opens no gaps between the parts.
            let (from, to) = (below * HEIGHT / top, (below + count) * HEIGHT / top);
            let height = (to - from).max(1);
            let name = series.get(n).map(|(name, _)| label("method", name)).unwrap_or_default();
            bars.push(Bar {
                x: (day - first) * step + 3,
                y: HEIGHT - from - height,
                width: step - 6,
                height,
                series: n.min(4),
                day: date(day),
                name,
                count: *count,
            });
            below += count;
        }
        rows.push(Row { at: day * DAY, counts });
    }
    Plot {
        bars,
        top,
        total: series.iter().map(|(_, total)| total).sum(),
        series: series.into_iter().map(|(name, total)| Series { name: label("method", name), total }).collect(),
        from: first * DAY,
        to: today * DAY,
        rows,
    }
}

/// The next number that people like to read, whose half they like as well.
fn round_up(highest: i64) -> i64 {
    if let Some(step) = [2, 4, 6, 8].into_iter().find(|step| *step >= highest) {
        return step;
    }
    let mut unit = 1;
    loop {
        if let Some(step) = [10, 12, 16, 20, 30, 40, 60, 80].into_iter().find(|step| step * unit >= highest) {
            return step * unit;
        }
        unit *= 10;
    }
}

/// Failures by reason, the most frequent first.
fn shares(counters: &[Rollup]) -> Vec<Share> {
    let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
    for counter in counters {
        if let Some(name) = counter.name.strip_prefix("failed.") {
            *totals.entry(name).or_default() += counter.count;
        }
    }
    let most = totals.values().copied().max().unwrap_or(1).max(1);
    let mut shares: Vec<Share> = totals
        .into_iter()
        .map(|(name, count)| Share { name: label("failure", name), count, width: (count * WIDTH / most).max(4) })
        .collect();
    shares.sort_by_key(|share| (-share.count, share.name.clone()));
    shares.truncate(8);
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(day: i64, name: &str, count: i64) -> Rollup {
        Rollup { day, name: name.into(), count }
    }

    #[test]
    fn bars_add_up_and_stay_within_the_plot() {
        let counters = [
            counter(100, "sign_in.passkey", 7),
            counter(100, "sign_in.password", 2),
            counter(71, "sign_in.passkey", 1),
            counter(100, "sign_up", 5),
        ];
        let plot = plot(&counters, "sign_in.", 100);
        assert_eq!((plot.total, plot.top, plot.rows.len()), (10, 10, 30));
        assert_eq!(plot.series.iter().map(|s| (s.name.as_str(), s.total)).collect::<Vec<_>>(), [("Passkey", 8), ("Password", 2)]);
        // 7 of 10 from the ground, 2 of 10 on top of it.
        assert_eq!(
            plot.bars[1],
            Bar {
                x: 29 * 24 + 3,
                y: 160 - 112,
                width: 18,
                height: 112,
                series: 0,
                day: "1970-04-11".into(),
                name: "Passkey".into(),
                count: 7
            }
        );
        assert_eq!(
            plot.bars[2],
            Bar {
                x: 29 * 24 + 3,
                y: 160 - 112 - 32,
                width: 18,
                height: 32,
                series: 1,
                day: "1970-04-11".into(),
                name: "Password".into(),
                count: 2
            }
        );
        assert!(plot.bars.iter().all(|b| b.y >= 0 && b.y + b.height <= HEIGHT && b.x + b.width <= WIDTH));
    }

    #[test]
    fn scales_end_at_numbers_that_people_read() {
        for (highest, top) in
            [(0, 2), (1, 2), (2, 2), (3, 4), (7, 8), (9, 10), (11, 12), (41, 60), (99, 100), (101, 120), (130, 160), (901, 1000)]
        {
            assert_eq!(round_up(highest), top, "{highest}");
        }
    }

    #[test]
    fn a_funnel_tells_of_each_stage_how_many_of_the_first_reached_it() {
        let stages = funnel([("offered", 40), ("started", 30), ("created", 20), ("used", 10)]);
        assert_eq!(stages.iter().map(|s| (s.share, s.width)).collect::<Vec<_>>(), [(100, 720), (75, 540), (50, 360), (25, 180)]);
        // Passkeys that were made without an offer, in the account: no stage is wider than the plot.
        let stages = funnel([("offered", 0), ("started", 0), ("created", 3), ("used", 1)]);
        assert_eq!(stages.iter().map(|s| (s.share, s.width)).collect::<Vec<_>>(), [(0, 0), (0, 0), (0, 720), (0, 240)]);
    }

    #[test]
    fn the_most_frequent_reason_has_the_longest_bar() {
        let shares =
            shares(&[counter(1, "failed.wrong_code", 3), counter(2, "failed.wrong_code", 3), counter(1, "failed.some_cause", 1)]);
        assert_eq!(
            shares.iter().map(|s| (s.name.as_str(), s.count, s.width)).collect::<Vec<_>>(),
            [("Wrong code", 6, 720), ("some cause", 1, 120)]
        );
        assert_eq!((percent(1, 3), percent(2, 3), percent(0, 0)), (33, 67, 0));
    }
}
