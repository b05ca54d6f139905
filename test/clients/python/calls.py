"""Makes calls one after another; each is counted under the name of its function, with why it was refused."""

import json

refusals = {}


def call(function, *arguments, **named):
    """What the function answers; nothing where it is refused."""
    reasons = refusals.setdefault(function.__name__, [])
    try:
        return function(*arguments, **named)
    except Exception as error:
        # requests keeps the answer in the error; a generated client keeps its body there.
        body = error.response.text if hasattr(error, 'response') else getattr(error, 'body', None)
        if body is None:
            raise
        reasons.append(json.loads(body)['error_type'])


def report(functions):
    """Prints, for each of the functions, why it was refused; each must have been called."""
    print(json.dumps({name: refusals[name] for name in functions}))
