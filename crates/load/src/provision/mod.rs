//! Puts a plan's properties and accounts on the target, and takes the properties away again. To do it
//! twice, or after a run that was cut off, gives the same. Accounts stay: the API has no call that
//! takes one away, and what one without a property does, nobody sees.

mod together;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use thiserror::Error;

use super::patience::Patience;
use super::plan::AgentIndex;
use super::plan::{PlannedProperty, RunPlan};
use super::product::{HttpCall, Method, Product, UnreadableAnswer};
use together::{SILENT, Tried, in_a_line, together, try_all, unless_stopped};

use lamplighter_core::model::AgentStatus;
use lamplighter_target::{Caller, Host, HostError, HttpClient, Method as HttpMethod, Response};

/// How often a call is made again that the target had no time for.
const RETRIES: u32 = 5;
/// The pause before the first of them; each further one is twice as long.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// Why a plan cannot be put on a target.
#[derive(Debug, Error)]
pub enum ProvisionError {
    /// A call failed, was refused, or was not answered as the product answers.
    #[error(transparent)]
    Call(#[from] HostError),
    /// The account is there, and cannot be logged in: someone else has it under another password.
    #[error("cannot log {agent} in to log out everywhere")]
    Login {
        /// The agent whose account it is.
        agent: String,
        /// What the target says.
        #[source]
        why: HostError,
    },
    /// It was stopped before all was there.
    #[error("stopped before all was on the target")]
    Stopped,
}

impl ProvisionError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Call(HostError::Address { .. }) => "for example --host http://127.0.0.1:8080",
            Self::Call(HostError::Unreachable { .. }) => {
                "is it running? `lamplighter serve` starts one, and without --host so does this command"
            }
            Self::Call(
                HostError::WrongKey { .. } | HostError::Refused { status: 401 | 403, .. },
            ) => {
                "the key is that of --admin-key-file at its start, or the one that its first start \
                 printed"
            }
            Self::Call(HostError::Refused { status: 429 | 503, .. }) => {
                "the target has no room for this plan: give it more, or take fewer properties and \
                 agents"
            }
            Self::Call(HostError::Machine(_)) => "the machine has no threads or sockets left",
            Self::Call(_) => "is it a service of the product that was named?",
            Self::Login { .. } => "does another run use the same --prefix on this target?",
            Self::Stopped => "what had been put there was taken away again",
        }
    }
}

/// A plan that stands on a target, or as much of it as was put there so far.
pub struct Provisioned {
    target: AdminCalls,
    plan: Arc<RunPlan>,
    /// Whether something may have been put there.
    is_begun: bool,
    /// What puts the target's timing back; `None` where it was as the plan has it.
    timing: Option<HttpCall>,
}

/// What the admin calls.
#[derive(Clone)]
struct AdminCalls {
    calls: HttpClient,
    product: Arc<dyn Product>,
}

impl Provisioned {
    /// Nothing of the plan is there yet.
    pub fn nothing(plan: &Arc<RunPlan>, product: &Arc<dyn Product>, host: Host) -> Self {
        let target = AdminCalls { calls: HttpClient::new(host), product: Arc::clone(product) };
        Self { target, plan: Arc::clone(plan), is_begun: false, timing: None }
    }

    /// Puts the plan's own properties there, their widgets, and their accounts; sets grace, with
    /// auto-away off, for the whole service; and makes sure that none of the agents is still logged in
    /// from an earlier run.
    ///
    /// # Errors
    /// The first call that does not succeed, or that `stop` was set. What was put there by then is to
    /// be [taken away](Self::take_away) all the same.
    pub async fn put(&mut self, stop: &AtomicBool) -> Result<(), ProvisionError> {
        let plan = Arc::clone(&self.plan);
        let timing = unless_stopped(stop, self.target.set_timing(&plan)).await?;
        (self.timing, self.is_begun) = (timing?, true);
        let (target, product) = (&self.target, &self.target.product);
        let own = plan.agents.iter().filter(|agent| agent.is_own);
        let accounts = own.map(|agent| product.put_agent(&agent.name, &plan.password));
        target.all(stop, accounts).await?;
        self.put_properties(stop).await?;
        self.log_out_all(stop).await
    }

    /// Sets the same properties anew, with the settings of another plan: schedulers lie around the
    /// run's first instant, which is known only once all else is there.
    ///
    /// # Errors
    /// The first call that does not succeed, or that `stop` was set.
    pub async fn set_anew(
        &mut self,
        plan: &Arc<RunPlan>,
        stop: &AtomicBool,
    ) -> Result<(), ProvisionError> {
        self.plan = Arc::clone(plan);
        self.put_properties(stop).await
    }

    async fn put_properties(&self, stop: &AtomicBool) -> Result<(), ProvisionError> {
        let (target, plan, product) = (&self.target, &self.plan, &self.target.product);
        let properties = own_properties(plan).map(|property| {
            let names = |agents: &[AgentIndex]| -> Vec<String> {
                agents.iter().map(|&agent| plan.agents[agent as usize].name.clone()).collect()
            };
            let settings = &plan.widgets[property.widgets.start as usize].settings;
            let (members, suspended) = (names(&property.members), names(&property.suspended));
            product.put_property(&property.name, &members, &suspended, settings)
        });
        target.all(stop, properties).await?;
        let further = own_properties(plan)
            .flat_map(|property| property.widgets.clone().skip(1))
            .map(|widget| &plan.widgets[widget as usize]);
        let further = further.map(|widget| product.put_widget(&widget.name, &widget.settings));
        target.all(stop, further).await?;
        Ok(())
    }

    /// Logs out whoever is logged in.
    async fn log_out_all(&self, stop: &AtomicBool) -> Result<(), ProvisionError> {
        let (target, plan) = (&self.target, &self.plan);
        let looks = own_properties(plan).map(|property| target.product.team(&property.name, None));
        let mut present: Vec<String> = Vec::new();
        for answer in target.all(stop, looks).await? {
            let team = target.product.read_team(answer.body());
            let team = team.map_err(|why| unreadable(&answer, &why))?;
            let away = team.into_iter().filter(|(_, status)| *status != AgentStatus::Offline);
            present.extend(away.map(|(agent, _)| agent));
        }
        present.sort_unstable();
        present.dedup();
        let logouts = present.into_iter().filter_map(|name| {
            let agent = plan.agents.iter().find(|agent| agent.name == name && agent.is_own)?;
            let device = agent.devices.first().copied().unwrap_or("load");
            Some(target.clone().log_out(name, plan.password.clone(), device))
        });
        together(stop, logouts).await.map(drop)
    }

    /// Takes the properties away with their widgets, and puts the target's timing back. All of it is
    /// tried, whatever fails, while there is patience with a target that fails; gives what could not be
    /// done, a line each.
    pub async fn take_away(self, patience: &mut Patience) -> Vec<String> {
        if !self.is_begun {
            return Vec::new();
        }
        let mut left = Vec::new();
        let deletions = own_properties(&self.plan).map(|property| {
            let call = self.target.product.delete_property(&property.name);
            let target = self.target.clone();
            // What is not there need not be taken away.
            async move { target.try_call(call).await.and_then(gone_or_done) }
        });
        let Tried { failed, why } = try_all(patience, deletions).await;
        if failed > 0 {
            let what = if failed == 1 { "property" } else { "properties" };
            left.push(format!("{failed} {what} could not be taken away from the target: {why}"));
        }
        if let Some(call) = &self.timing {
            let why = match patience.wait(Duration::ZERO, self.target.call(call.clone())).await {
                Some(Ok(_)) => return left,
                Some(Err(error)) => in_a_line(&error),
                None => SILENT.to_owned(),
            };
            left.push(format!("the target's grace and auto-away could not be put back: {why}"));
        }
        left
    }
}

fn own_properties(plan: &RunPlan) -> impl Iterator<Item = &PlannedProperty> {
    plan.properties.iter().filter(|property| property.is_own)
}

fn gone_or_done(answer: Response) -> Result<(), HostError> {
    match answer.status {
        404 => Ok(()),
        _ => answer.done().map(drop),
    }
}

fn unreadable(answer: &Response, why: &UnreadableAnswer) -> HostError {
    HostError::Unreadable { call: answer.call.clone(), why: why.0.clone() }
}

impl AdminCalls {
    /// Sets the plan's timing; gives the call that puts back what was there, where that is another.
    async fn set_timing(&self, plan: &RunPlan) -> Result<Option<HttpCall>, ProvisionError> {
        let found = self.call(self.product.get_timing()).await?;
        let back = self.product.put_timing_back(found.body());
        let back = back.map_err(|why| unreadable(&found, &why))?;
        let own = self.product.put_timing(plan.grace.0);
        if own == back {
            return Ok(None);
        }
        self.call(own).await?;
        Ok(Some(back))
    }

    /// Logs an agent in on one device, and out everywhere.
    async fn log_out(
        self,
        agent: String,
        password: String,
        device: &'static str,
    ) -> Result<(), ProvisionError> {
        let login = self.call(self.product.login(&agent, &password, device)).await;
        let answer = login.map_err(|why| ProvisionError::Login { agent, why })?;
        let said = self.product.read_login(answer.body());
        let said = said.map_err(|why| unreadable(&answer, &why))?;
        self.call(self.product.logout(&said.token, true)).await?;
        Ok(())
    }

    /// Calls that all must succeed, several at once; their answers in the same order.
    async fn all(
        &self,
        stop: &AtomicBool,
        calls: impl Iterator<Item = HttpCall>,
    ) -> Result<Vec<Response>, ProvisionError> {
        let calls = calls.map(|call| {
            let target = self.clone();
            async move { Ok(target.call(call).await?) }
        });
        together(stop, calls).await
    }

    /// A call that must succeed.
    async fn call(&self, call: HttpCall) -> Result<Response, HostError> {
        self.try_call(call).await?.done()
    }

    /// A call, made again while the target has no time for it. Whatever has no token of its own is
    /// the admin's.
    async fn try_call(&self, call: HttpCall) -> Result<Response, HostError> {
        let method = match call.method {
            Method::Get => HttpMethod::GET,
            Method::Put => HttpMethod::PUT,
            Method::Post => HttpMethod::POST,
            Method::Delete => HttpMethod::DELETE,
        };
        for retry in 0..RETRIES {
            let answer = self.once(method.clone(), &call).await?;
            if !matches!(answer.status, 429 | 503) {
                return Ok(answer);
            }
            tokio::time::sleep(RETRY_AFTER * 2_u32.pow(retry)).await;
        }
        self.once(method, &call).await
    }

    async fn once(&self, method: HttpMethod, call: &HttpCall) -> Result<Response, HostError> {
        let caller = call.bearer.as_deref().map_or(Caller::Admin, Caller::Device);
        self.calls.answer(method, &call.path, caller, call.body.clone())?.await
    }
}
