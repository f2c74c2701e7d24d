// Serves emulate's Google on a free port, prints the URL, and ends as soon as whoever started it is gone.
const [packageFile, seed] = process.argv.slice(2)
process.stdin.on('end', () => process.exit(0)).resume()
const { createEmulator } = await import(packageFile)
const emulator = await createEmulator({ service: 'google', port: 0, seed: JSON.parse(seed) })
process.stdout.write(emulator.url + '\n')
