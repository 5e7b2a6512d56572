//! What team-mates and visitors see (rules T6, T10, T36 to T40 of target files).

use std::sync::Arc;

use lamplighter_core::model::{AgentStatus, Instant, Visitor};
use thiserror::Error;

use super::client::HttpClient;
use super::error::RunError;
use super::objects::{Member, Property, Widget};
use super::perform::{StepsContext, StepsResult, Subject, why_not};
use super::shared::Driver;
use crate::adapter::ROWS;
use crate::file::answer::Answer;
use crate::file::outcome::{IndeterminateCause, StepOutcome};
use crate::file::possible::{PossibleStatuses, fold};
use crate::file::request::Request;
use crate::file::response_error::ResponseError;
use crate::file::says::Unreadable;
use crate::file::section::Section;
use crate::file::template::{Counters, KeptValues, Names};
use crate::file::value::as_text;
use crate::file::widget::{ObservedWidget, WidgetSection as Table};
use crate::timestamp::Timestamp;

/// What was read, and in which window.
#[derive(Clone, Debug)]
pub struct ReadResult<T> {
    /// What it says, or why it says nothing: class *unreadable*.
    pub what: Result<T, ReadError>,
    /// A moment before the first call went out.
    pub sent: Timestamp,
    /// A moment after the last answer was there.
    pub answered: Timestamp,
    /// What the last answer's `Date` says, true to a second.
    pub date: Option<Instant>,
    /// What the read kept; a version among it, where answers have one.
    pub kept: KeptValues,
    /// The last call as it went out, and its answer, where one came whole.
    pub last: (Option<Request>, Option<Arc<Answer>>),
}

/// What goes along with the calls of one read, or of one message.
#[derive(Clone, Copy, Default)]
pub struct ReadOptions<'a> {
    /// A header on top of the file's, by which a service finds the calls in its log.
    pub header: Option<(&'a str, &'a str)>,
    /// Is told when a call goes out.
    pub wrote: Option<&'a (dyn Fn(Timestamp) + Sync)>,
    /// What sends the calls of a read of a team, in place of the caller's own connections.
    pub client: Option<&'a dyn HttpClient>,
}

impl<'a> ReadOptions<'a> {
    fn turn(self, subject: Subject, given: KeptValues) -> StepsContext<'a> {
        let Self { header, wrote, client } = self;
        let over = client.map(|client| (client, None));
        StepsContext { subject, given, wrote, header, over, ..StepsContext::default() }
    }
}

/// Why a read says nothing that can be judged.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ReadError {
    /// There is no answer, or none that can be read.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// The answer lacks a name.
    #[error("{0}")]
    Indeterminate(String),
    /// It is not done.
    #[error("the read is {what}")]
    NotDone {
        /// `refused` or `gone`, with the status.
        what: String,
        /// The HTTP status of the answer, where one came.
        status: Option<u16>,
    },
    /// It says nothing that stands in the table.
    #[error("{0}")]
    Table(String),
}

impl<T> ReadResult<T> {
    pub(super) fn of(performed: StepsResult, what: Result<T, ReadError>) -> Self {
        let date = performed.date();
        let StepsResult { outcome, asked, last, sent, answered, .. } = performed;
        let kept = match outcome {
            StepOutcome::Done(kept) => kept,
            _ => KeptValues::new(),
        };
        Self { what, sent, answered, date, kept, last: (asked, last.map(Arc::new)) }
    }

    /// The same of something else.
    pub fn map<U>(self, of: impl FnOnce(T) -> U) -> ReadResult<U> {
        let Self { what, sent, answered, date, kept, last } = self;
        ReadResult { what: what.map(of), sent, answered, date, kept, last }
    }
}

impl Driver {
    /// What team-mates see of members of a property (rule P4), in their order.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn read_team(
        &self,
        property: &Property,
        members: &[Member],
    ) -> Result<ReadResult<Vec<PossibleStatuses<AgentStatus>>>, RunError> {
        self.read_team_along(property, members, ReadOptions::default()).await
    }

    /// The same, with what goes along with its calls.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn read_team_along(
        &self,
        property: &Property,
        members: &[Member],
        along: ReadOptions<'_>,
    ) -> Result<ReadResult<Vec<PossibleStatuses<AgentStatus>>>, RunError> {
        match self.is_read_for_members() {
            true => self.read_members(members, along).await,
            false => self.read_rows(property, members, along).await,
        }
    }

    fn is_read_for_members(&self) -> bool {
        self.file().team.as_ref().is_some_and(|team| team.for_member)
    }

    /// One call for all.
    async fn read_rows(
        &self,
        property: &Property,
        members: &[Member],
        along: ReadOptions<'_>,
    ) -> Result<ReadResult<Vec<PossibleStatuses<AgentStatus>>>, RunError> {
        self.rate_limiter.poll(&format!("team {}", property.name)).await;
        let turn = along.turn(property.subject(), KeptValues::new());
        let performed = self.perform(Section::TeamRead, &turn).await?;
        let said = match self.kept(&performed) {
            Err(fault) => Err(fault),
            Ok(kept) => members.iter().map(|one| self.said_of(one, kept, &performed)).collect(),
        };
        Ok(ReadResult::of(performed, said))
    }

    /// A call a member: one read, from the first call sent to the last answered.
    async fn read_members(
        &self,
        members: &[Member],
        along: ReadOptions<'_>,
    ) -> Result<ReadResult<Vec<PossibleStatuses<AgentStatus>>>, RunError> {
        let now = Timestamp::now();
        let mut all = ReadResult {
            what: Ok(Vec::with_capacity(members.len())),
            sent: now,
            answered: now,
            date: None,
            kept: KeptValues::new(),
            last: (None, None),
        };
        for (place, member) in members.iter().enumerate() {
            let one = self.read_for_member(member, along).await?;
            if place == 0 {
                all.sent = one.sent;
            }
            (all.answered, all.date) = (one.answered, one.date.or(all.date));
            all.kept.take(one.kept);
            all.last = one.last;
            all.what = match (all.what, one.what) {
                (Ok(mut statuses), Ok(status)) => {
                    statuses.push(status);
                    Ok(statuses)
                }
                (Err(fault), _) | (Ok(_), Err(fault)) => Err(fault),
            };
        }
        Ok(all)
    }

    /// What team-mates see of one member.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn read_member(
        &self,
        member: &Member,
    ) -> Result<ReadResult<PossibleStatuses<AgentStatus>>, RunError> {
        if self.is_read_for_members() {
            return self.read_for_member(member, ReadOptions::default()).await;
        }
        let only = std::slice::from_ref(member);
        let all = self.read_rows(&member.property, only, ReadOptions::default()).await?;
        let ReadResult { what, sent, answered, date, kept, last } = all;
        let what = what.and_then(|statuses| {
            let first = statuses.first().copied();
            first.ok_or_else(|| ReadError::Table("nothing is said of the member".to_owned()))
        });
        Ok(ReadResult { what, sent, answered, date, kept, last })
    }

    async fn read_for_member(
        &self,
        member: &Member,
        along: ReadOptions<'_>,
    ) -> Result<ReadResult<PossibleStatuses<AgentStatus>>, RunError> {
        let what = format!("team {} {}", member.property.name, member.agent.name);
        self.rate_limiter.poll(&what).await;
        let turn = along.turn(member.subject(), KeptValues::new());
        let performed = self.perform(Section::TeamRead, &turn).await?;
        let said = self.kept(&performed).and_then(|kept| self.said_of(member, kept, &performed));
        Ok(ReadResult::of(performed, said))
    }

    pub(super) fn kept<'p>(&self, performed: &'p StepsResult) -> Result<&'p KeptValues, ReadError> {
        match &performed.outcome {
            StepOutcome::Done(kept) => Ok(kept),
            outcome => Err(match &performed.said {
                Some(_) => ReadError::NotDone {
                    what: self.masked(&performed.why_not()),
                    status: performed.status(),
                },
                None => self.fault(outcome, performed.last.as_ref()),
            }),
        }
    }

    /// Why something was not done; nothing where it was.
    pub fn why_undone(&self, performed: &StepsResult) -> Option<ReadError> {
        self.kept(performed).err()
    }

    /// Why a read that is not done says nothing.
    pub(super) fn fault(&self, outcome: &StepOutcome, last: Option<&Answer>) -> ReadError {
        match outcome {
            StepOutcome::Unknown(IndeterminateCause::Response(broken)) => {
                ReadError::Response(broken.clone())
            }
            StepOutcome::Unknown(
                doubt @ (IndeterminateCause::NotFound { .. } | IndeterminateCause::Adapter { .. }),
            ) => ReadError::Indeterminate(self.masked(&doubt.to_string())),
            outcome => ReadError::NotDone {
                what: self.masked(&why_not(outcome, last)),
                status: last.map(Answer::status),
            },
        }
    }

    fn said_of(
        &self,
        member: &Member,
        kept: &KeptValues,
        performed: &StepsResult,
    ) -> Result<PossibleStatuses<AgentStatus>, ReadError> {
        if self.is_by_adapter(Section::TeamRead) {
            return self.said_by_adapter(member, kept);
        }
        let no_team = || ReadError::Table("the target file has no `[team]`".to_owned());
        let team = self.file().team.as_ref().ok_or_else(no_team)?;
        let last = performed.last.as_ref();
        let last = last.ok_or_else(|| ReadError::Table("nothing was asked".to_owned()))?;
        let subject = member.subject();
        let places: Vec<_> = subject.places.iter().map(|(_, place)| place.names()).collect();
        let near = std::iter::once(kept).chain(places.iter().map(|kept| &**kept)).collect();
        let mut counters = Counters::default();
        let mut names = Names::new(near, Vec::new(), &self.file().vars, &mut counters);
        team.status(last, &mut names).map_err(|why| self.table(&why))
    }

    fn table(&self, why: &Unreadable) -> ReadError {
        ReadError::Table(self.masked(&why.to_string()))
    }

    /// What a visitor sees of a widget; folded from the team where that is all there is (T39).
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn read_widget(
        &self,
        widget: &Widget,
        members: &[Member],
        visitor: &Visitor,
    ) -> Result<ReadResult<ObservedWidget>, RunError> {
        self.read_widget_along(widget, members, visitor, ReadOptions::default()).await
    }

    /// The same with something that goes along.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn read_widget_along(
        &self,
        widget: &Widget,
        members: &[Member],
        visitor: &Visitor,
        along: ReadOptions<'_>,
    ) -> Result<ReadResult<ObservedWidget>, RunError> {
        match &self.file().widget {
            Some(Table::Folded) => {
                let team = self.read_team_along(&widget.property, members, along).await?;
                let counts = self.file().rules.counts_as();
                Ok(team.map(|statuses| ObservedWidget {
                    status: Some(fold(statuses, counts)),
                    ..ObservedWidget::default()
                }))
            }
            _ => {
                self.rate_limiter.poll(&read_of(widget)).await;
                let turn = along.turn(widget.subject(), of_visitor(visitor));
                let performed = self.perform(Section::WidgetRead, &turn).await?;
                let seen = self.kept(&performed).and_then(|kept| self.seen(widget, kept));
                Ok(ReadResult::of(performed, seen))
            }
        }
    }

    /// What was kept of a widget's answer or event, by the table.
    pub(super) fn seen(
        &self,
        widget: &Widget,
        kept: &KeptValues,
    ) -> Result<ObservedWidget, ReadError> {
        if self.is_by_adapter(Section::WidgetRead) {
            return self.seen_by_adapter(kept);
        }
        let no_table = || ReadError::Table("the target file has no `[widget]`".to_owned());
        let table = self.file().widget.as_ref().ok_or_else(no_table)?;
        let subject = widget.subject();
        let places: Vec<_> = subject.places.iter().rev().map(|(_, place)| place.names()).collect();
        let near = std::iter::once(kept).chain(places.iter().map(|kept| &**kept)).collect();
        let mut counters = Counters::default();
        let mut names = Names::new(near, Vec::new(), &self.file().vars, &mut counters);
        table.seen(&mut names).map_err(|why| self.table(&why))
    }

    /// A visitor leaves a message (rule C2).
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn leave_message(
        &self,
        widget: &Widget,
        text: &str,
    ) -> Result<StepsResult, RunError> {
        self.leave_message_along(widget, text, ReadOptions::default()).await
    }

    /// The same with something that goes along.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn leave_message_along(
        &self,
        widget: &Widget,
        text: &str,
        along: ReadOptions<'_>,
    ) -> Result<StepsResult, RunError> {
        let mut given = KeptValues::new();
        given.put("name", "Lamplighter");
        given.put("email", "visitor@lamplighter.invalid");
        given.put("text", text);
        self.perform(Section::MessageLeave, &along.turn(widget.subject(), given)).await
    }

    /// The texts that visitors have left.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn list_messages(
        &self,
        widget: &Widget,
    ) -> Result<ReadResult<Vec<String>>, RunError> {
        let turn = StepsContext { subject: widget.subject(), ..StepsContext::default() };
        let performed = self.perform(Section::MessageList, &turn).await?;
        let said = self.kept(&performed).map(|kept| match kept.get("said").or(kept.get(ROWS)) {
            Some(serde_json::Value::Array(all)) => all.iter().map(as_text).collect(),
            Some(one) => vec![as_text(one)],
            None => Vec::new(),
        });
        Ok(ReadResult::of(performed, said))
    }
}

/// The read of a widget, as its pace is kept by.
pub fn read_of(widget: &Widget) -> String {
    format!("widget {}", widget.name)
}

/// `page`, `kind`, `country`: empty where they are unknown.
pub fn of_visitor(visitor: &Visitor) -> KeptValues {
    let mut given = KeptValues::new();
    given.put("page", visitor.page.clone().unwrap_or_default());
    given.put("kind", visitor.device.map(|kind| kind.word()).unwrap_or_default());
    given.put(
        "country",
        visitor.country.as_ref().map(|country| country.as_str()).unwrap_or_default(),
    );
    given
}
