const once = require('once')
const greet = once(() => console.log('node', require('once/package.json').version))
greet()
greet()
