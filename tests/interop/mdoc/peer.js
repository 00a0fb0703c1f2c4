// The OpenWallet Foundation's mdoc behind one line of JSON in, one line of JSON out.
//
//   {"do": "issue", "doc_type": "…", "namespaces": {…}, "dates": ["birth_date"], "key": {JWK},
//    "certificates": ["base64 DER"], "holder": {JWK}, "from": seconds, "until": seconds}
//   → {"ok": "base64url of IssuerSigned"} or {"error": "..."}
//
// The library leaves signatures and certificates to its caller: here they are Node's own. Times
// are in seconds since 1970. A request that is answered or checked is named by "client_id",
// "nonce", "response_uri" and, where the answer is encrypted, "encryption_key" (base64url of the
// thumbprint).

import {createInterface} from 'node:readline';
import {
  X509Certificate, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman,
  hkdfSync, randomBytes, sign, timingSafeEqual, verify
} from 'node:crypto';

import {
  CoseKey, DateOnly, DeviceKey, DeviceRequest, DeviceResponse, DocRequest, Holder, Issuer, IssuerSigned,
  ItemsRequest, SessionTranscript, SignatureAlgorithm, Verifier, base64url
} from '@owf/mdoc';

const bytes = data => new Uint8Array(data);
const time = seconds => new Date(seconds * 1000);
const ES256 = SignatureAlgorithm.ES256;

const publicKey = key => {
  const {kty, crv, x, y} = key.jwk;
  return createPublicKey({key: {kty, crv, x, y}, format: 'jwk'});
};
const raw = {dsaEncoding: 'ieee-p1363'};

const context = {
  crypto: {
    random: length => bytes(randomBytes(length)),
    digest: ({digestAlgorithm, bytes: data}) =>
      bytes(createHash(digestAlgorithm.replace('-', '').toLowerCase()).update(data).digest()),
    calculateEphemeralMacKey: ({privateKey, publicKey: point, sessionTranscriptBytes, info}) => {
      const jwk = {
        kty: 'EC', crv: 'P-256',
        x: base64url.encode(point.slice(1, 33)), y: base64url.encode(point.slice(33))
      };
      const own = createPrivateKey({
        key: {...jwk, d: base64url.encode(privateKey)}, format: 'jwk'});
      const other = createPublicKey({key: jwk, format: 'jwk'});
      const salt = createHash('sha256').update(sessionTranscriptBytes).digest();
      const shared = diffieHellman({privateKey: own, publicKey: other});
      return CoseKey.create({keyType: 4, k: bytes(hkdfSync('sha256', shared, salt, info, 32))});
    }
  },
  cose: {
    sign1: {
      sign: ({toBeSigned, key}) => {
        const secret = createPrivateKey({key: key.jwk, format: 'jwk'});
        return bytes(sign('sha256', toBeSigned, {key: secret, ...raw}));
      },
      verify: ({key, sign1}) =>
        verify('sha256', sign1.toBeSigned, {key: publicKey(key), ...raw}, sign1.signature)
    },
    mac0: {
      sign: ({key, toBeAuthenticated}) =>
        bytes(createHmac('sha256', key.k).update(toBeAuthenticated).digest()),
      verify: ({mac0, key}) => {
        const tag = createHmac('sha256', key.k).update(mac0.toBeAuthenticated).digest();
        return timingSafeEqual(tag, mac0.tag);
      }
    }
  },
  x509: {
    getIssuerNameField: ({certificate, field}) =>
      new X509Certificate(certificate).issuer.split('\n')
        .filter(line => line.startsWith(`${field}=`))
        .map(line => line.slice(field.length + 1)),
    getPublicKey: ({certificate}) =>
      CoseKey.fromJwk(new X509Certificate(certificate).publicKey.export({format: 'jwk'})),
    verifyCertificateChain: ({trustedCertificates, x5chain, now}) => {
      const chain = x5chain.map(der => new X509Certificate(der));
      const roots = trustedCertificates.map(der => new X509Certificate(der));
      const above = [...chain.slice(1), null];
      chain.forEach((certificate, place) => {
        const signers = above[place] ? [above[place]] : roots;
        const [from, until] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
        if(now < from || now > until) {
          throw new Error('a certificate is not valid at this time');
        }
        if(!signers.some(signer => certificate.verify(signer.publicKey))) {
          throw new Error('the certificates do not lead to a trusted one');
        }
      });
    },
    getCertificateData: ({certificate}) => {
      const read = new X509Certificate(certificate);
      return {
        issuerName: read.issuer, subjectName: read.subject, serialNumber: read.serialNumber,
        thumbprint: read.fingerprint256, notBefore: new Date(read.validFrom),
        notAfter: new Date(read.validTo), pem: read.toString()
      };
    }
  }
};

const certificates = list => list.map(text => bytes(Buffer.from(text, 'base64')));

const transcript = ({client_id, nonce, response_uri, encryption_key}) =>
  SessionTranscript.forOid4Vp({
    clientId: client_id,
    nonce,
    responseUri: response_uri,
    ...encryption_key ? {jwkThumbprint: base64url.decode(encryption_key)} : {}
  }, context);

// What was read, as JSON: dates and bytes as text.
const plain = value => {
  if(value instanceof DateOnly) {
    return value.toISOString();
  }
  if(value instanceof Date) {
    return value.toISOString().replace('.000Z', 'Z');
  }
  if(value instanceof Uint8Array) {
    return base64url.encode(value);
  }
  if(Array.isArray(value)) {
    return value.map(plain);
  }
  if(value instanceof Map) {
    return Object.fromEntries([...value].map(([name, inner]) => [name, plain(inner)]));
  }
  if(value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  }
  return value;
};

const claims = issuerSigned => {
  const spaces = issuerSigned.issuerNamespaces.issuerNamespaces;
  return Object.fromEntries([...spaces].map(([name, items]) => [name,
    Object.fromEntries(items.map(item => [item.elementIdentifier, plain(item.elementValue)]))]));
};

const DO = {
  // Issues a credential; the elements of `dates` become full dates.
  async issue({doc_type, namespaces, dates = [], key, certificates: chain, holder, from, until}) {
    const issuer = new Issuer(doc_type, context);
    for(const [namespace, elements] of Object.entries(namespaces)) {
      const values = Object.entries(elements).map(([name, value]) =>
        [name, dates.includes(name) ? new DateOnly(value) : value]);
      issuer.addIssuerNamespace(namespace, Object.fromEntries(values));
    }
    const signed = await issuer.sign({
      signingKey: CoseKey.fromJwk({...key, alg: 'ES256'}),
      algorithm: ES256,
      digestAlgorithm: 'SHA-256',
      validityInfo: {signed: time(from), validFrom: time(from), validUntil: time(until)},
      deviceKeyInfo: {deviceKey: DeviceKey.fromJwk(holder)},
      certificates: certificates(chain)
    });
    return signed.encodedForOid4Vci;
  },

  // Checks a credential that was issued elsewhere, and says what it holds.
  async verify({credential, trusted, now}) {
    const issuerSigned = IssuerSigned.fromEncodedForOid4Vci(credential);
    await Holder.verifyIssuerSigned({
      issuerSigned, trustedCertificates: certificates(trusted), now: time(now), skewSeconds: 0
    }, context);
    return claims(issuerSigned);
  },

  // Shows elements of a credential: {"namespace": ["element", …]}.
  async present({credential, elements, key, ...request}) {
    const issuerSigned = IssuerSigned.fromEncodedForOid4Vci(credential);
    const {docType} = issuerSigned.issuerAuth.mobileSecurityObject;
    const wanted = Object.entries(elements).map(([namespace, names]) =>
      [namespace, new Map(names.map(name => [name, false]))]);
    const docRequest = DocRequest.create({
      itemsRequest: ItemsRequest.create({docType, namespaces: new Map(wanted)})
    });
    const response = await Holder.createDeviceResponseForDeviceRequest({
      deviceRequest: DeviceRequest.create({docRequests: [docRequest]}),
      sessionTranscript: await transcript(request),
      issuerSigned: [issuerSigned],
      signature: {signingKey: CoseKey.fromJwk({...key, alg: 'ES256'})}
    }, context);
    return response.encodedForOid4Vp;
  },

  // Checks what was shown, and says what it shows.
  async check({presentation, trusted, now, ...request}) {
    const deviceResponse = DeviceResponse.fromEncodedForOid4Vp(presentation);
    await Verifier.verifyDeviceResponse({
      deviceResponse,
      sessionTranscript: await transcript(request),
      trustedCertificates: certificates(trusted),
      now: time(now),
      skewSeconds: 0
    }, context);
    return claims(deviceResponse.documents[0].issuerSigned);
  },

  // How long a request takes here, in milliseconds, once and again.
  async time({request, times}) {
    const samples = [];
    for(let round = 0; round < times; round++) {
      const copy = structuredClone(request);
      const start = process.hrtime.bigint();
      await DO[copy.do](copy);
      samples.push(Number(process.hrtime.bigint() - start) / 1e6);
    }
    return samples;
  }
};

for await (const line of createInterface({input: process.stdin})) {
  let answer;
  try {
    const request = JSON.parse(line);
    if(!Object.hasOwn(DO, request.do)) {
      throw new Error('nothing is known that is called so');
    }
    answer = {ok: await DO[request.do](request)};
  } catch(error) {
    answer = {error: String(error?.message ?? error)};
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
