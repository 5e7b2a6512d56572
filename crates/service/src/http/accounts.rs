//! Accounts and their devices: an admin's, and each agent's own.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};

use super::app::App;
use super::problem::{Problem, Replied};
use super::reply::Reply;
use super::request::{Admin, AgentOrAdmin, JsonBody, Peer, named};
use crate::core::{Put, TokenHash};
use lamplighter_target::wire::{Account, DeviceAnswer, DeviceRow, RenameDevice, Written};

/// Creates an account, or changes its password, which ends its sessions: an admin any, an agent its own
#[utoipa::path(put, path = "/v1/agents/{agent}", tag = "admin",
    security(("token" = []), ("admin_key" = [])),
    params(("agent" = String, Path, description = "The agent's name")), request_body = Account,
    responses((status = 200, description = "The password is changed", body = Written),
        (status = 201, description = "The account is made", body = Written),
        (status = 403, description = "It is somebody else's, or the current password is wrong"),
        (status = 429, description = "Too many guesses at the current password")))]
pub async fn put_agent(
    caller: AgentOrAdmin,
    State(app): State<Arc<App>>,
    Extension(Peer(address)): Extension<Peer>,
    Path(agent): Path<String>,
    JsonBody(account): JsonBody<Account>,
) -> Replied<Written> {
    named("agent", &agent)?;
    if !(8..=1_024).contains(&account.password.len()) {
        return Err(Problem::field("password", "a password has 8 to 1,024 bytes"));
    }
    let put = match caller {
        AgentOrAdmin::Admin(admin) => put_any(admin, &app, address, agent, account).await?,
        AgentOrAdmin::Device(token) => put_own(token, &app, address, agent, account).await?,
    };
    Ok(Reply::put(put))
}

async fn put_any(
    admin: Admin,
    app: &App,
    address: IpAddr,
    agent: String,
    Account { password, .. }: Account,
) -> Result<(Put, Written), Problem> {
    // The same password again changes nothing, and ends no session.
    if let Some(hash) = app.shared.password_hashes.of(&agent)
        && app.passwords.is_right(password.clone(), Some(hash), address).await?
    {
        return Ok(admin.write(app, move |state| state.account_as_it_is(&agent)).await?);
    }
    let hash = app.passwords.hash(password, address).await?;
    Ok(admin.write(app, move |state| Ok(state.put_account(&agent, hash, None))).await?)
}

/// An agent knows the password that it changes: a token alone, which may have been stolen, is not enough.
async fn put_own(
    token: TokenHash,
    app: &App,
    address: IpAddr,
    agent: String,
    Account { password, current }: Account,
) -> Result<(Put, Written), Problem> {
    let name = agent.clone();
    app.core.call(move |state| state.let_agent_pass(&token, &name)).await?;
    let missing = || Problem::field("current", "an agent's own change needs the current password");
    let current = current.ok_or_else(missing)?;
    let guess = app.logins.begin(&agent, address, true).await?;
    let hash = app.shared.password_hashes.of(&agent);
    match app.passwords.is_right(current, hash, address).await {
        Ok(true) => guess.does_not_count(),
        Ok(false) => {
            app.shared.metrics.failed_logins.inc();
            return Err(Problem::forbidden("the current password is another one"));
        }
        Err(why) => {
            // Nobody has looked at it.
            guess.does_not_count();
            return Err(why.into());
        }
    }
    let hash = app.passwords.hash(password, address).await?;
    let put = app.core.call(move |state| {
        state.let_agent_pass(&token, &agent)?;
        let put = state.put_account(&agent, hash, Some(&token));
        state.audit(&format!("agent:{agent}"), "PUT", &format!("/v1/agents/{agent}"));
        Ok(put)
    });
    Ok(put.await?)
}

/// Takes an account away, with its sessions and memberships; what its agent did stays in the journal
#[utoipa::path(delete, path = "/v1/agents/{agent}", tag = "admin", security(("admin_key" = [])),
    params(("agent" = String, Path)),
    responses((status = 200, description = "It is gone", body = Written),
        (status = 404, description = "There is none")))]
pub async fn delete_agent(
    admin: Admin,
    State(app): State<Arc<App>>,
    Path(agent): Path<String>,
) -> Replied<Written> {
    Ok(Reply::ok(admin.write(&app, move |state| state.delete_account(&agent)).await?))
}

/// The devices on which an agent has logged in, and how they are
#[utoipa::path(get, path = "/v1/agents/{agent}/devices", tag = "agents",
    security(("token" = []), ("admin_key" = [])), params(("agent" = String, Path)),
    responses((status = 200, description = "Every device", body = Vec<DeviceRow>),
        (status = 403, description = "They are somebody else's"),
        (status = 404, description = "There is no such agent")))]
pub async fn devices(
    caller: AgentOrAdmin,
    State(app): State<Arc<App>>,
    Path(agent): Path<String>,
) -> Replied<Vec<DeviceRow>> {
    let read = app.core.call(move |state| {
        if let AgentOrAdmin::Device(token) = caller {
            state.let_agent_pass(&token, &agent)?;
        }
        state.devices(&agent)
    });
    Ok(Reply::ok(read.await?))
}

/// Gives a device another name, under which its session goes on: its token is good on, and its status stays
#[utoipa::path(patch, path = "/v1/agents/{agent}/devices/{device}", tag = "agents",
    security(("token" = []), ("admin_key" = [])), request_body = RenameDevice,
    params(("agent" = String, Path), ("device" = String, Path)),
    responses((status = 200, description = "It is called so", body = DeviceAnswer),
        (status = 403, description = "It is somebody else's"),
        (status = 404, description = "There is no such agent, or no such device"),
        (status = 409, description = "It is logged out, the agent is logged in under the other name, or has too many devices")))]
pub async fn rename_device(
    caller: AgentOrAdmin,
    State(app): State<Arc<App>>,
    Path((agent, device)): Path<(String, String)>,
    JsonBody(RenameDevice { device: to }): JsonBody<RenameDevice>,
) -> Replied<DeviceAnswer> {
    let devices_max = app.limits.devices_max;
    let answer = match caller {
        AgentOrAdmin::Admin(admin) => {
            let rename = admin
                .write(&app, move |state| state.rename_device(&agent, &device, &to.0, devices_max));
            rename.await?
        }
        AgentOrAdmin::Device(token) => {
            let rename = app.core.call(move |state| {
                state.let_agent_pass(&token, &agent)?;
                state.rename_device(&agent, &device, &to.0, devices_max)
            });
            rename.await?
        }
    };
    Ok(Reply::ok(answer))
}

/// Ends the session of a device: it is logged out (rule P3), and its token is void
#[utoipa::path(delete, path = "/v1/agents/{agent}/devices/{device}", tag = "agents",
    security(("token" = []), ("admin_key" = [])),
    params(("agent" = String, Path), ("device" = String, Path)),
    responses((status = 200, description = "It has ended", body = Written),
        (status = 403, description = "It is somebody else's"),
        (status = 404, description = "There is no such agent, or no such device")))]
pub async fn end_device(
    caller: AgentOrAdmin,
    State(app): State<Arc<App>>,
    Path((agent, device)): Path<(String, String)>,
) -> Replied<Written> {
    let written = match caller {
        AgentOrAdmin::Admin(admin) => {
            admin.write(&app, move |state| state.end_device(&agent, &device)).await?
        }
        AgentOrAdmin::Device(token) => {
            let end = app.core.call(move |state| {
                state.let_agent_pass(&token, &agent)?;
                state.end_device(&agent, &device)
            });
            end.await?
        }
    };
    Ok(Reply::ok(written))
}
