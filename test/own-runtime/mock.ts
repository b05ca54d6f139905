// A mock in the command's runtime, for stories that are asked over a connection.
import type { TestProject } from 'vitest/node'
import { serve } from '../../src/node/server.ts'
import { VARIABLES } from './variables.ts'

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const PUBLIC_URL = 'https://vcenter.test'
  // A mock that others reach by this URL opens its admin API to a token alone.
  const ADMIN_TOKEN = 'stories'
  const { url, stop } = await serve({ vars: { ...VARIABLES, LOG_REQUESTS: 'off', PUBLIC_URL, ADMIN_TOKEN } })
  provide('mockUrl', url)
  provide('adminToken', ADMIN_TOKEN)
  return stop
}
