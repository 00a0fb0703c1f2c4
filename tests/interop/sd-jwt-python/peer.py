"""The OpenID Foundation's sd-jwt behind one line of JSON in, one line of JSON out.

    {"do": "issue", "claims": {...}, "conceal_paths": [["address", "town"]], "jwk": {...}}
    -> {"ok": "eyJ..."} or {"error": "..."}
"""

import json
import sys
import time

from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier


def key(jwk):
    return None if jwk is None else JWK.from_json(json.dumps(jwk))


def conceal(claims, path):
    """Marks one claim as selectively disclosable; deeper paths have to come first."""
    *way, last = path
    place = claims
    for step in way:
        place = place[step]
    if isinstance(place, list):
        place[last] = SDObj(place[last])
    else:
        place[SDObj(last)] = place.pop(last)


def make_key(kind):
    if kind == "Ed25519":
        made = JWK.generate(kty="OKP", crv="Ed25519")
    else:
        made = JWK.generate(kty="EC", crv=kind)
    return made.export_private(as_dict=True)


def issue(claims, jwk, conceal_paths=(), holder=None, alg=None, header=None, decoys=False):
    for path in sorted(conceal_paths, key=len, reverse=True):
        conceal(claims, path)
    issuer = SDJWTIssuer(
        claims,
        key(jwk),
        key(holder),
        sign_alg=alg,
        add_decoy_claims=decoys,
        extra_header_parameters=header or {},
    )
    return issuer.sd_jwt_issuance


def present(credential, disclose, nonce=None, audience=None, holder=None, alg=None):
    side = SDJWTHolder(credential)
    side.create_presentation(disclose, nonce, audience, key(holder), sign_alg=alg)
    return side.sd_jwt_presentation


def verify(presentation, issuer, audience=None, nonce=None):
    side = SDJWTVerifier(presentation, lambda *_: key(issuer), audience, nonce)
    return side.get_verified_payload()


def timed(request, times):
    """How long a request takes here, in milliseconds, once and again."""
    samples = []
    for _ in range(times):
        start = time.perf_counter()
        answer(dict(request))
        samples.append((time.perf_counter() - start) * 1000)
    return samples


DO = {
    "make_key": make_key,
    "issue": issue,
    "present": present,
    "verify": verify,
    "time": timed,
}


def answer(request):
    return DO[request.pop("do")](**request)


for line in sys.stdin:
    # What the library raises is its refusal, whatever the kind.
    try:
        reply = {"ok": answer(json.loads(line))}
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
