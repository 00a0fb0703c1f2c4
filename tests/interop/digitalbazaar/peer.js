// Digital Bazaar's implementations behind one line of JSON in, one line of JSON out.
//
//   {"do": "issue", "suite": "bbs-2023", "credential": {...}, "key": {...}, "mandatory": [...]}
//   → {"ok": {...}} or {"error": "..."}
//
// Nothing is fetched: contexts and status lists are those of the packages and those handed in
// with the request as "documents": {"<address>": {...}}.

import {createInterface} from 'node:readline';

import * as bbs2023 from '@digitalbazaar/bbs-2023-cryptosuite';
import * as ecdsaJcs from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import * as ecdsaSd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as eddsaJcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import * as Bls12381Multikey from '@digitalbazaar/bls12-381-multikey';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as statusList from '@digitalbazaar/vc-bitstring-status-list';
import * as vc from '@digitalbazaar/vc';
import jsonld from 'jsonld';
import {contexts as dataIntegrityContexts} from '@digitalbazaar/data-integrity-context';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite as ecdsaRdfc} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {cryptosuite as eddsaRdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';

const BBS = 'BBS-BLS12-381-SHA-256';
const MULTIKEY_CONTEXT = 'https://w3id.org/security/multikey/v1';

const p256 = {
  make: options => EcdsaMultikey.generate({curve: 'P-256', ...options}),
  read: key => EcdsaMultikey.from(key)
};
const ed25519 = {
  make: options => Ed25519Multikey.generate(options),
  read: key => Ed25519Multikey.from(key)
};
const bls = {
  make: options => Bls12381Multikey.generateBbsKeyPair({algorithm: BBS, ...options}),
  read: key => Bls12381Multikey.from(key, {algorithm: BBS})
};

const SUITES = {
  'bbs-2023': {
    keys: bls,
    sign: mandatoryPointers => bbs2023.createSignCryptosuite({mandatoryPointers}),
    disclose: options => bbs2023.createDiscloseCryptosuite(options),
    verify: options => bbs2023.createVerifyCryptosuite(options)
  },
  'ecdsa-sd-2023': {
    keys: p256,
    sign: mandatoryPointers => ecdsaSd.createSignCryptosuite({mandatoryPointers}),
    disclose: options => ecdsaSd.createDiscloseCryptosuite(options),
    verify: () => ecdsaSd.createVerifyCryptosuite()
  },
  'ecdsa-rdfc-2019': {keys: p256, sign: () => ecdsaRdfc, verify: () => ecdsaRdfc},
  'eddsa-rdfc-2022': {keys: ed25519, sign: () => eddsaRdfc, verify: () => eddsaRdfc},
  'ecdsa-jcs-2019': {
    keys: p256,
    sign: () => ecdsaJcs.createSignCryptosuite(),
    verify: () => ecdsaJcs.createVerifyCryptosuite()
  },
  'eddsa-jcs-2022': {
    keys: ed25519,
    sign: () => eddsaJcs.createSignCryptosuite(),
    verify: () => eddsaJcs.createVerifyCryptosuite()
  }
};

const suiteOf = name => {
  const suite = SUITES[name];
  if(!suite) {
    throw new Error(`no suite is called ${name}`);
  }
  return suite;
};

// A did:key document needs nothing but the name: the key is the name.
const didKeyDocument = url => {
  const [did] = url.split('#');
  const publicKeyMultibase = did.slice('did:key:'.length);
  const id = `${did}#${publicKeyMultibase}`;
  const method =
    {'@context': MULTIKEY_CONTEXT, id, type: 'Multikey', controller: did, publicKeyMultibase};
  if(url.includes('#')) {
    return method;
  }
  return {
    '@context': ['https://www.w3.org/ns/did/v1', MULTIKEY_CONTEXT],
    id: did, assertionMethod: [method], authentication: [method]
  };
};

const loaderWith = (documents = {}) => async url => {
  const answer = document => ({contextUrl: null, documentUrl: url, document});
  if(Object.hasOwn(documents, url)) {
    return answer(documents[url]);
  }
  if(dataIntegrityContexts.has(url)) {
    return answer(dataIntegrityContexts.get(url));
  }
  if(url.startsWith('did:key:')) {
    return answer(didKeyDocument(url));
  }
  // The contexts in the package of VCDM and of jsonld-signatures; it refuses all else.
  return vc.defaultDocumentLoader(url);
};

const bytes = text => text === undefined ? undefined : Buffer.from(text, 'base64url');

const must = result => {
  if(result.verified) {
    return result;
  }
  const reasons = new Set();
  const collect = error => {
    if(error) {
      reasons.add(error.message);
      (error.errors ?? []).forEach(collect);
    }
  };
  collect(result.error);
  collect(result.presentationResult?.error);
  (result.results ?? []).forEach(({error}) => collect(error));
  throw new Error(`not verified: ${[...reasons].join('; ') || 'no reason given'}`);
};

// The name of the suite of a proof; in a set of proofs the first that this peer knows.
const suiteNamed = proof => {
  const known = [proof].flat().find(one => Object.hasOwn(SUITES, one?.cryptosuite ?? ''));
  if(!known) {
    throw new Error('there is no proof of a suite that is known here');
  }
  return suiteOf(known.cryptosuite);
};

const verifySuite = ({proof}, options) =>
  new DataIntegrityProof({cryptosuite: suiteNamed(proof).verify(options)});

const DO = {
  async make_key({suite, curve}) {
    const key = await suiteOf(suite).keys.make(curve ? {curve} : {});
    const {publicKeyMultibase, secretKeyMultibase} =
      await key.export({publicKey: true, secretKey: true});
    const controller = `did:key:${publicKeyMultibase}`;
    return {
      '@context': MULTIKEY_CONTEXT, id: `${controller}#${publicKeyMultibase}`,
      type: 'Multikey', controller, publicKeyMultibase, secretKeyMultibase
    };
  },

  async issue({suite, credential, key, mandatory = [], documents}) {
    const {keys, sign} = suiteOf(suite);
    const signer = (await keys.read(key)).signer();
    const proof = new DataIntegrityProof({signer, cryptosuite: sign(mandatory)});
    return vc.issue({credential, suite: proof, documentLoader: loaderWith(documents)});
  },

  async derive({credential, pointers, presentation_header, documents}) {
    const {disclose} = suiteNamed(credential.proof);
    if(!disclose) {
      throw new Error('this suite has no selective disclosure');
    }
    const options = {selectivePointers: pointers};
    if(presentation_header !== undefined) {
      options.presentationHeader = bytes(presentation_header);
    }
    const suite = new DataIntegrityProof({cryptosuite: disclose(options)});
    return vc.derive(
      {verifiableCredential: credential, suite, documentLoader: loaderWith(documents)});
  },

  async verify({credential, presentation_header, documents, now}) {
    const suite =
      verifySuite(credential, {expectedPresentationHeader: bytes(presentation_header)});
    must(await vc.verifyCredential({
      credential, suite, documentLoader: loaderWith(documents), now,
      // What a list says is asked by "status".
      checkStatus: async () => ({verified: true})
    }));
    return true;
  },

  async present({suite, credentials, holder, key, challenge, domain, documents}) {
    const {keys, sign} = suiteOf(suite);
    const signer = (await keys.read(key)).signer();
    const presentation =
      vc.createPresentation({verifiableCredential: credentials, holder, version: 2.0});
    return vc.signPresentation({
      presentation, challenge, domain, documentLoader: loaderWith(documents),
      suite: new DataIntegrityProof({signer, cryptosuite: sign([])})
    });
  },

  async verify_presentation({presentation, challenge, domain, documents, now}) {
    const suite = [presentation, ...[presentation.verifiableCredential].flat()]
      .map(document => verifySuite(document));
    const result = await vc.verify(
      {presentation, challenge, domain, suite, documentLoader: loaderWith(documents), now});
    (result.credentialResults ?? []).forEach(must);
    must(result);
    return true;
  },

  // The document as canonical N-Quads: JSON-LD 1.1 and RDFC-1.0.
  async canonize({document, documents}) {
    return jsonld.canonize(document, {
      algorithm: 'RDFC-1.0', format: 'application/n-quads', safe: true, base: null,
      rdfDirection: 'i18n-datatype', documentLoader: loaderWith(documents)
    });
  },

  // A status list credential, without a proof.
  async make_list({id, length, set, purpose}) {
    const list = await statusList.createList({length});
    set.forEach(index => list.setStatus(index, true));
    return statusList.createCredential({id, list, statusPurpose: purpose});
  },

  // What the list says of a credential: both are checked.
  async status({credential, documents}) {
    const documentLoader = loaderWith(documents);
    const lists = [credential.credentialStatus].flat()
      .map(({statusListCredential}) => documents[statusListCredential]);
    const result = await statusList.checkStatus(
      {credential, documentLoader, suite: lists.map(list => verifySuite(list))});
    must(result);
    return result.results.map(({credentialStatus, status}) =>
      ({purpose: credentialStatus.statusPurpose, status}));
  },

  // Which of the first places of an encoded list are set.
  async read_list({encoded, count}) {
    const list = await statusList.decodeList({encodedList: encoded});
    return Array.from({length: count}, (_, index) => list.getStatus(index));
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
