//! What a measurement of a contract's strength found, in figures and in sentences.
//! Owns the words. A hole is never averaged away: each is named, with a case and a way to close it.

use std::fmt;

use mote_contract::Law;
use mote_expr::Value;

use super::operators::Class;
use super::waivers::mentions;
use crate::verification::number;

/// The share of operators times regions that must be refused where they are reached.
const REGIONS_MIN: f64 = 0.85;

/// How strong a contract is, relative to one service that it accepts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strength {
    /// The recordings that were counted: those that no visible example decides.
    pub recordings: u64,
    /// Ways to be wrong that the contract refuses.
    pub killed: u64,
    /// Those that it would have accepted, together with those it would accept in a region alone.
    pub holes: Vec<Hole>,
    /// Holes that somebody answers for.
    pub waived: u64,
    /// Ways to be wrong that no recording can be wrong in.
    pub unreached: u64,
    /// Ways to have the wrong shape: refused, of all that were tried.
    pub shape: (u64, u64),
    /// Ways to be wrong in one region of the inputs only.
    pub regions: Regions,
    /// The elements of the contract, and whether its rules pin them.
    pub elements: Vec<Pinned>,
    /// What each rule refuses.
    pub rules: Vec<RuleKills>,
    /// What is wrong with the waivers, in sentences.
    pub waivers: Vec<String>,
}

/// Ways to be wrong, each in each region of the inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Regions {
    /// Refused.
    pub killed: u64,
    /// Accepted.
    pub holes: u64,
    /// Not met by a recording.
    pub unreached: u64,
}

/// An element of a contract: an output, an error, an event, a field of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// Its name: `output.total`.
    pub element: String,
    /// Whether every wrong answer about it is refused.
    pub pinned: bool,
}

/// What a rule refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleKills {
    /// Its name.
    pub name: String,
    /// How many of the wrong answers that were judged it refuses.
    pub kills: u64,
    /// How many ways to be wrong it alone refuses: without it they would be holes.
    pub alone: u64,
}

/// Wrong answers about one element that would have been accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Hole {
    /// What they are about.
    pub element: String,
    /// The region they are in; empty: all cases.
    pub region: String,
    /// Each by its name, with what is wrong in words.
    pub mutants: Vec<Mutant>,
    /// A case that shows it.
    pub shown: Shown,
    /// The rules that mention the element and let it pass.
    pub mentioned_by: Vec<String>,
    /// The cheapest rule that would close it, to be typed under `ensures`.
    pub suggestion: Option<String>,
}

/// One way to be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// Its name: `+1@output.total`.
    pub id: String,
    /// What kind of wrong it is.
    pub class: Class,
    /// What is wrong, in words that go on with the element.
    pub says: String,
    /// The hash that a waiver of it is bound to.
    pub covers: String,
}

/// A case with a wrong answer that would have been accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The state before, for a contract that touches one.
    pub state: Option<Value>,
    /// The rows that were read.
    pub rows: Option<Value>,
    /// The input.
    pub input: Value,
    /// What was answered.
    pub right: String,
    /// What would have been accepted as well.
    pub wrong: String,
}

impl Strength {
    /// The wrong answers that would have been accepted, whatever the inputs are.
    pub fn everywhere(&self) -> impl Iterator<Item = &Mutant> {
        self.holes.iter().filter(|hole| hole.region.is_empty()).flat_map(|hole| &hole.mutants)
    }

    /// The share of ways to be wrong that the contract refuses.
    pub fn share(&self) -> f64 {
        share(self.killed, self.everywhere().count() as u64)
    }

    /// Why the contract is too weak for `wanted`, in sentences; none if it is strong enough.
    pub fn too_weak(&self, law: &Law) -> Vec<String> {
        let mut why = Vec::new();
        let wanted = law.contract.verify.strength;
        if wanted == 0.0 {
            return why;
        }
        let blocking: Vec<&Mutant> = self.everywhere().filter(|mutant| mutant.class.blocks()).collect();
        if !blocking.is_empty() {
            let names: Vec<String> =
                blocking.iter().take(4).map(|mutant| format!("`{}`", mutant.id)).collect();
            let more = if blocking.len() > 4 { ", …" } else { "" };
            why.push(format!("an outcome, an event or the state is not pinned: {}{more}", names.join(", ")));
        }
        if self.share() < wanted {
            why.push(format!(
                "the contract tells {} of {} wrong answers from right ones: {}, and {} is asked for",
                self.killed,
                self.killed + self.everywhere().count() as u64,
                percent(self.share()),
                percent(wanted)
            ));
        }
        let (regions, least) = (share(self.regions.killed, self.regions.holes), REGIONS_MIN.min(wanted));
        if regions < least {
            why.push(format!(
                "with wrong answers in one region of the inputs alone, {}: {} is the least",
                percent(regions),
                percent(least)
            ));
        }
        why.extend(self.waivers.iter().cloned());
        if !why.is_empty() {
            why.splice(0..0, self.no_rules(law));
        }
        why
    }

    /// The rules that refuse nothing, though recordings were wrong about what they mention.
    pub fn idle_rules<'l>(&self, law: &'l Law) -> Vec<&'l str> {
        let tried = |text: &str| {
            let name = |element: &Pinned| {
                let last = element.element.rsplit(['.', '@']).next().unwrap_or_default();
                last.trim_end_matches(['[', ']', '{', '}']).to_owned()
            };
            self.elements.iter().any(|element| mentions(text, &name(element)))
        };
        let kills = |name: &str| self.rules.iter().any(|rule| rule.name == name && rule.kills > 0);
        let idle = law.ensures.iter().filter(|rule| !kills(&rule.name) && tried(rule.expr.source()));
        idle.map(|rule| rule.name.as_str()).collect()
    }

    fn no_rules(&self, law: &Law) -> Option<String> {
        law.ensures.is_empty().then(|| {
            format!(
                "`{}` has no rule under `ensures`: it promises a shape, and refuses {} of {} wrong answers",
                law.contract.name,
                self.killed,
                self.killed + self.everywhere().count() as u64
            )
        })
    }

    /// What its author should know though it does not block, in sentences.
    pub fn warnings(&self, law: &Law) -> Vec<String> {
        let mut warnings: Vec<String> = self.no_rules(law).into_iter().collect();
        if self.killed > 0 {
            warnings.extend(self.idle_rules(law).into_iter().map(|rule| {
                format!("the rule `{rule}` refused no wrong answer: it may say nothing, or nothing new")
            }));
        }
        warnings
    }

    /// The figures as a verdict carries them.
    pub fn to_value(&self) -> Value {
        let rules = self.rules.iter().map(|rule| {
            let kills = [("kills", number(rule.kills)), ("alone", number(rule.alone))];
            (rule.name.as_str(), Value::object(kills))
        });
        let elements =
            self.elements.iter().map(|element| (element.element.as_str(), Value::Bool(element.pinned)));
        let holes = self.holes.iter().flat_map(|hole| {
            hole.mutants.iter().map(|mutant| match &hole.region[..] {
                "" => Value::text(&mutant.id),
                region => Value::text(format!("{} where {region}", mutant.id)),
            })
        });
        Value::object([
            ("recordings", number(self.recordings)),
            ("killed", number(self.killed)),
            ("holes", Value::list(holes)),
            ("waived", number(self.waived)),
            ("unreached", number(self.unreached)),
            ("shape", Value::object([("killed", number(self.shape.0)), ("of", number(self.shape.1))])),
            (
                "regions",
                Value::object([
                    ("killed", number(self.regions.killed)),
                    ("holes", number(self.regions.holes)),
                    ("unreached", number(self.regions.unreached)),
                ]),
            ),
            ("pinned", Value::object(elements)),
            ("rules", Value::object(rules)),
        ])
    }

    /// The figures in one line.
    pub fn summary(&self) -> String {
        let everywhere = self.everywhere().count() as u64;
        let pinned = self.elements.iter().filter(|element| element.pinned).count();
        format!(
            "strength {}/{} outside examples (regions {}/{}, {} unreached) · holes {} · waived {} · pinned {}/{}",
            self.killed,
            self.killed + everywhere,
            self.regions.killed,
            self.regions.killed + self.regions.holes,
            self.regions.unreached,
            self.holes.iter().map(|hole| hole.mutants.len()).sum::<usize>(),
            self.waived,
            pinned,
            self.elements.len(),
        )
    }

    /// The elements that are not pinned.
    pub fn loose(&self) -> impl Iterator<Item = &str> {
        self.elements.iter().filter(|element| !element.pinned).map(|element| element.element.as_str())
    }
}

fn share(killed: u64, holes: u64) -> f64 {
    if killed + holes == 0 { 1.0 } else { killed as f64 / (killed + holes) as f64 }
}

fn percent(share: f64) -> String {
    // Rounded down: what is nearly enough is not shown as enough.
    format!("{:.0} %", (share * 100.0 + 1e-9).floor())
}

impl Hole {
    /// The hole in one sentence.
    pub fn headline(&self) -> String {
        let wheres = if self.region.is_empty() { String::new() } else { format!(" where {}", self.region) };
        let about =
            |mutant: &&Mutant| mutant.id.split_once('@').is_none_or(|(_, about)| about == self.element);
        let says: Vec<&str> = self.mutants.iter().filter(about).map(|mutant| mutant.says.as_str()).collect();
        let says = match &says[..] {
            [others @ .., last] if !others.is_empty() => format!("{}, or {last}", others.join(", ")),
            says => says.concat(),
        };
        format!("HOLE {}{wheres}: {says} would have been accepted", self.element)
    }
}

impl fmt::Display for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        if let Some(state) = &self.shown.state {
            write!(f, "\n  state    {}", brief(&state.to_string()))?;
        }
        if let Some(rows) = &self.shown.rows {
            write!(f, "\n  rows     {}", brief(&rows.to_string()))?;
        }
        write!(f, "\n  input    {}", brief(&self.shown.input.to_string()))?;
        write!(f, "\n  right    {}", brief(&self.shown.right))?;
        write!(f, "\n  wrong    {}", brief(&self.shown.wrong))?;
        match &self.mentioned_by[..] {
            [] => f.write_str("\n  rules    none mentions it")?,
            rules => write!(f, "\n  rules    {}", rules.join(", "))?,
        }
        if let Some(rule) = &self.suggestion {
            write!(f, "\n  try      {rule}")?;
        }
        if let Some((first, others)) = self.mutants.split_first() {
            let waiver = format!("{{mutant: \"{}\", for: {}, by: …, reason: …}}", first.id, first.covers);
            write!(f, "\n  accept   - {waiver}")?;
            for mutant in others {
                write!(f, "\n             \"{}\"", mutant.id)?;
            }
        }
        Ok(())
    }
}

/// How much of a value is shown, in characters.
const SHOWN_MAX: usize = 240;

fn brief(text: &str) -> String {
    if text.chars().count() <= SHOWN_MAX {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(SHOWN_MAX).collect::<String>())
}
