# What a client in Python relies on when it cancels.
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from pact import Pact, generate, match

SESSIONS = "/api/content/library/item/update-session"
HEADER = "vmware-api-session-id"


def cancel(url, token, session):
    """The client that is tested."""
    request = Request(f"{url}{SESSIONS}/{session}?action=cancel", method="POST", headers={HEADER: token})
    try:
        with urlopen(request) as answer:
            return answer.status
    except HTTPError as refusal:
        return refusal.status


def given(expression, example):
    """A value of the provider state; the client must send the example."""
    return match.GenericMatcher("equality", example, generate.provider_state(expression))


pact = Pact("python-client", "content-library").with_specification("V4")
cases = [
    ("an update session", {"state": "ACTIVE"}, 204, None),
    ("an update session", {"state": "DONE"}, 400, "NOT_ALLOWED_IN_CURRENT_STATE"),
    ("no update session", {}, 404, "NOT_FOUND"),
]
for state, parameters, status, reason in cases:
    path = given(SESSIONS + "/${update_session_id}", f"{SESSIONS}/session-{status}")
    interaction = (
        pact.upon_receiving(f"a cancel that is answered {status}")
        .given("an API session")
        .given(state, parameters)
        .with_request("POST", path)
        .with_query_parameter("action", "cancel")
        .with_header(HEADER, given("${token}", "token-1"))
        .will_respond_with(status)
    )
    if reason:
        interaction.with_body({"error_type": reason})

with pact.serve() as server:
    for _, _, status, _ in cases:
        assert cancel(server.url, "token-1", f"session-{status}") == status
pact.write_file("pacts")
