// What a client relies on when it puts files into an update session.
import { MatchersV3 } from '@pact-foundation/pact'
import { describe } from 'vitest'
import type { FileSpec } from '../../src/client/client.ts'
import type { BindingName, Client } from './bindings.ts'
import { contract, count, example, given, path, type Asked, type Call } from './pact.ts'

const { eachLike, regex } = MatchersV3

const NAME = 'disk.vmdk'
const ID = example.update_session_id
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' // of "test"

const an = (state: string): [string, { state: string }][] => [['an update session', { state }]]
const nowhere: [string][] = [['no update session']]
const withFile = (given: Record<string, string> = {}): [string, Record<string, string>][] => [
  ['an update session with a file', { name: NAME, ...given }],
]
const ENDED = ['DONE', 'ERROR', 'CANCELED']

const uri = regex(/^https?:\/\/\S+$/, 'https://vcenter.example.com/cls/data/44444444/disk.vmdk')
const awaited = {
  name: NAME,
  source_type: 'PUSH',
  upload_endpoint: { uri },
  bytes_transferred: count,
  status: 'WAITING_FOR_TRANSFER',
}
const received = { name: NAME, source_type: 'PUSH', bytes_transferred: count, status: 'READY', size: count }

/** What is sent for an operation. */
type Requests = Record<'list' | 'get' | 'remove' | 'validate', Asked> & { add: (spec: FileSpec) => Asked }

const API = '/api/content/library/item/update-session/{update_session_id}/file'
const apiFiles = path(API)
const apiFile = path(`${API}/${NAME}`)
const REST = '/rest/com/vmware/content/library/item/updatesession/file'
const restFiles = path(`${REST}/id:{update_session_id}`)
const restAct = (action: string, body?: object): Asked => ({
  method: 'POST',
  path: restFiles,
  query: { '~action': action },
  ...(body && { body }),
})
const requests: Record<BindingName, Requests> = {
  '/api': {
    list: { method: 'GET', path: apiFiles },
    add: (body) => ({ method: 'POST', path: apiFiles, body }),
    get: { method: 'GET', path: apiFile },
    remove: { method: 'DELETE', path: apiFile },
    validate: { method: 'POST', path: apiFiles, query: { action: 'validate' } },
  },
  '/rest': {
    list: { method: 'GET', path: REST, query: { update_session_id: given('update_session_id') } },
    add: (file_spec) => restAct('add', { file_spec }),
    get: restAct('get', { file_name: NAME }),
    remove: restAct('remove', { file_name: NAME }),
    validate: restAct('validate'),
  },
}

contract(requests, (requests, { exchange, refusesStrangers }) => {
  describe('add', () => {
    const adding = (spec: FileSpec) => ({
      request: requests.add(spec),
      call: ({ updateSessionFiles }: Client) => updateSessionFiles.add(ID, spec),
    })
    const push = adding({ name: NAME, source_type: 'PUSH' })

    exchange('add of a file that the client pushes', { given: an('ACTIVE'), ...push, answers: 201, body: awaited })
    exchange('add of a file that the client pushes, with its size and checksum', {
      given: an('ACTIVE'),
      ...adding({
        name: NAME,
        source_type: 'PUSH',
        size: 4,
        checksum_info: { algorithm: 'SHA256', checksum: SHA256 },
      }),
      answers: 201,
      body: { ...awaited, checksum_info: { algorithm: 'SHA256', checksum: SHA256 } },
    })
    exchange('add of a file that the server pulls', {
      given: an('ACTIVE'),
      ...adding({ name: NAME, source_type: 'PULL', source_endpoint: { uri: 'https://files.example.com/disk.vmdk' } }),
      answers: 201,
      body: {
        name: NAME,
        source_type: 'PULL',
        source_endpoint: { uri: 'https://files.example.com/disk.vmdk' },
        bytes_transferred: count,
        status: regex(/^(WAITING_FOR_TRANSFER|TRANSFERRING|READY|VALIDATING|ERROR)$/, 'WAITING_FOR_TRANSFER'),
      },
    })
    exchange('add of a file that stays as it is', {
      given: an('ACTIVE'),
      ...adding({ name: NAME, source_type: 'NONE' }),
      answers: 201,
      body: { name: NAME, source_type: 'NONE', bytes_transferred: count, status: awaited.status },
    })

    for (const [what, spec] of [
      ['of no name', { name: '', source_type: 'PUSH' }],
      ['that the server pulls from nowhere', { name: NAME, source_type: 'PULL' }],
      [
        'with a checksum that is none',
        { name: NAME, source_type: 'PUSH', checksum_info: { algorithm: 'SHA256', checksum: 'abc' } },
      ],
    ] satisfies [string, FileSpec][])
      exchange(`add of a file ${what}`, {
        given: an('ACTIVE'),
        ...adding(spec),
        refuses: 400,
        errorType: 'INVALID_ARGUMENT',
      })
    for (const state of ENDED)
      exchange(`add of a file to an update session that is ${state}`, {
        given: an(state),
        ...push,
        refuses: 400,
        errorType: 'NOT_ALLOWED_IN_CURRENT_STATE',
      })
    exchange('add of a file to an update session that does not exist', {
      given: nowhere,
      ...push,
      refuses: 404,
      errorType: 'NOT_FOUND',
    })
    refusesStrangers('add of a file', an('ACTIVE'), push.request, push.call)
  })

  describe('list', () => {
    const request = requests.list
    const call: Call = ({ updateSessionFiles }) => updateSessionFiles.list(ID)

    exchange('list of the files of an update session', {
      given: withFile(),
      request,
      call,
      answers: 200,
      body: eachLike(awaited),
    })
    exchange('list of the files of an update session that has none', {
      given: an('ACTIVE'),
      request,
      call,
      answers: 200,
      body: [],
    })
    exchange('list of the files of an update session that does not exist', {
      given: nowhere,
      request,
      call,
      refuses: 404,
      errorType: 'NOT_FOUND',
    })
    refusesStrangers('list of files', withFile(), request, call)
  })

  describe('get', () => {
    const request = requests.get
    const call: Call = ({ updateSessionFiles }) => updateSessionFiles.get(ID, NAME)

    exchange('get of a file that is awaited', { given: withFile(), request, call, answers: 200, body: awaited })
    exchange('get of a file that is received', {
      given: withFile({ content: 'bytes' }),
      request,
      call,
      answers: 200,
      body: received,
    })
    exchange('get of a file that is not in the update session', {
      given: an('ACTIVE'),
      request,
      call,
      refuses: 400,
      errorType: 'INVALID_ARGUMENT',
    })
    exchange('get of a file of an update session that does not exist', {
      given: nowhere,
      request,
      call,
      refuses: 404,
      errorType: 'NOT_FOUND',
    })
    refusesStrangers('get of a file', withFile(), request, call)
  })

  describe('remove', () => {
    const request = requests.remove
    const call: Call = ({ updateSessionFiles }) => updateSessionFiles.remove(ID, NAME)

    exchange('remove of a file that is awaited', { given: withFile(), request, call, answers: 204 })
    exchange('remove of a file that is received', {
      given: withFile({ content: 'bytes' }),
      request,
      call,
      answers: 204,
    })
    exchange('remove of a file that is not in the update session', {
      given: an('ACTIVE'),
      request,
      call,
      refuses: 400,
      errorType: 'INVALID_ARGUMENT',
    })
    for (const state of ENDED)
      exchange(`remove of a file of an update session that is ${state}`, {
        given: withFile({ state, content: 'bytes' }),
        request,
        call,
        refuses: 400,
        errorType: 'NOT_ALLOWED_IN_CURRENT_STATE',
      })
    exchange('remove of a file of an update session that does not exist', {
      given: nowhere,
      request,
      call,
      refuses: 404,
      errorType: 'NOT_FOUND',
    })
    refusesStrangers('remove of a file', withFile(), request, call)
  })

  describe('validate', () => {
    const request = requests.validate
    const call: Call = ({ updateSessionFiles }) => updateSessionFiles.validate(ID)

    exchange('validate of an update session that has received its file', {
      given: withFile({ content: 'bytes' }),
      request,
      call,
      answers: 200,
      body: { has_errors: false, missing_files: [], invalid_files: [] },
    })
    exchange('validate of an update session that waits for a file', {
      given: withFile(),
      request,
      call,
      refuses: 400,
      errorType: 'NOT_ALLOWED_IN_CURRENT_STATE',
    })
    for (const state of ENDED)
      exchange(`validate of an update session that is ${state}`, {
        given: an(state),
        request,
        call,
        refuses: 400,
        errorType: 'NOT_ALLOWED_IN_CURRENT_STATE',
      })
    exchange('validate of an update session that does not exist', {
      given: nowhere,
      request,
      call,
      refuses: 404,
      errorType: 'NOT_FOUND',
    })
    refusesStrangers('validate', withFile(), request, call)
  })
})
