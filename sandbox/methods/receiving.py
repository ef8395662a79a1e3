"""getMe, getUpdates, webhooks, getFile."""

from __future__ import annotations

from ..errors import Refused, broken
from ..polling import BY_WEBHOOK
from ..webhook import check_secret, check_url
from ..world import World
from .registry import Json, Params, method

CONFLICT_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
LONGEST_POLL = 50


@method
def get_me(world: World, p: Params) -> Json:
    return {
        **world.bot.as_json(),
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method
def log_out(world: World, p: Params) -> bool:
    return True


@method
def close(world: World, p: Params) -> bool:
    return True


@method
async def get_updates(world: World, p: Params) -> list[Json]:
    if world.webhook.url:
        raise Refused(409, CONFLICT_WEBHOOK)
    limit = p.get("limit", 100)
    if not 1 <= limit <= 100:
        raise broken("limit must be 1-100")
    if not (timeout := p.get("timeout", 0)) >= 0:
        raise broken("timeout must not be negative")
    allow(world, p)
    return await world.polling.poll(p.get("offset", 0), limit, min(timeout, LONGEST_POLL))


def allow(world: World, p: Params) -> None:
    """What is asked for is remembered until it is asked for again."""
    if "allowed_updates" in p:
        world.updates.allowed = p["allowed_updates"]


@method
async def set_webhook(world: World, p: Params) -> bool:
    if not p.get("url"):
        return await remove_webhook(world, p)
    check_url(p["url"])
    check_secret(p.get("secret_token"))
    connections = p.get("max_connections", 40)
    if not 1 <= connections <= 100:
        raise broken("max_connections must be 1-100")
    allow(world, p)
    if p.get("drop_pending_updates"):
        world.updates.drop()
    world.polling.terminate(BY_WEBHOOK)
    await world.webhook.set(p["url"], p.get("secret_token"), connections)
    return True


@method
async def delete_webhook(world: World, p: Params) -> bool:
    return await remove_webhook(world, p)


async def remove_webhook(world: World, p: Params) -> bool:
    await world.webhook.stop()
    if p.get("drop_pending_updates"):
        world.updates.drop()
    return True


@method
def get_webhook_info(world: World, p: Params) -> Json:
    webhook = world.webhook
    info: Json = {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.pending),
    }
    if webhook.url:
        info["max_connections"] = webhook.max_connections
    if webhook.error:
        info["last_error_date"], info["last_error_message"] = webhook.error
    if world.updates.allowed:
        info["allowed_updates"] = world.updates.allowed
    return info


@method
def get_file(world: World, p: Params) -> Json:
    file = world.files.get(p["file_id"])
    if len(file.content) > world.limits.download:
        raise broken("file is too big")
    return {**file.as_json(), "file_path": file.path}
