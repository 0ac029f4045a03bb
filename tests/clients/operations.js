'use strict';
// node-zookeeper-client as an application uses it.
//
// Usage: operations.js LIBRARY HOSTS (the first is connected to first). Prints "ready", waits for a line on its input
// (somebody kills a server meanwhile), and goes on with the same session. Exits with 0 if all was as ZooKeeper promises.

const assert = require('node:assert');
const readline = require('node:readline');

const zookeeper = require(process.argv[2]);
const hosts = process.argv[3].split(',');
const { CreateMode, Event, Exception } = zookeeper;
const PATIENCE = 60000;

function inTime(what, promise) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what} takes too long`)), PATIENCE);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// A call with a callback as a promise: of its one result, or of all of them.
function ask(client, method, ...parameters) {
    const answer = new Promise((resolve, reject) => {
        client[method](...parameters, (error, ...results) => {
            if (error) {
                reject(error);
            } else {
                resolve(results.length > 1 ? results : results[0]);
            }
        });
    });
    return inTime(`${method} ${parameters[0]}`, answer);
}

// Once more when the connection was lost: what may be asked twice.
async function persistently(client, method, ...parameters) {
    for (;;) {
        try {
            return await ask(client, method, ...parameters);
        } catch (error) {
            if (!error.getCode || error.getCode() !== Exception.CONNECTION_LOSS) {
                throw error;
            }
        }
    }
}

async function fails(code, promise) {
    await assert.rejects(promise, (error) => error.getCode() === code, `expected error ${code}`);
}

async function connect(servers) {
    const client = zookeeper.createClient(servers.join(','), { sessionTimeout: 10000, spinDelay: 50 });
    // The library shuffles them; here the order says who is connected to whom.
    client.connectionManager.servers.sort((one, two) =>
        servers.indexOf(`${one.host}:${one.port}`) - servers.indexOf(`${two.host}:${two.port}`));
    const connected = new Promise((resolve) => client.once('connected', resolve));
    client.connect();
    await inTime('connecting', connected);
    return client;
}

function nextEvent() {
    let watcher;
    const came = new Promise((resolve) => {
        watcher = resolve;
    });
    return { watcher, came };
}

async function nodes(client) {
    assert.strictEqual(await ask(client, 'create', '/app', Buffer.from('root')), '/app');
    await fails(Exception.NODE_EXISTS, ask(client, 'create', '/app'));
    await fails(Exception.NO_NODE, ask(client, 'getData', '/none'));
    assert.strictEqual((await ask(client, 'setData', '/app', Buffer.from('changed'), 0)).version, 1);
    await fails(Exception.BAD_VERSION, ask(client, 'setData', '/app', Buffer.from('late'), 0));
    assert.strictEqual((await ask(client, 'getData', '/app'))[0].toString(), 'changed');
    const sequential = await ask(client, 'create', '/app/s-', null, CreateMode.PERSISTENT_SEQUENTIAL);
    assert.strictEqual(sequential, '/app/s-0000000000');
    await ask(client, 'mkdirp', '/deep/er');
    const [children, stat] = await ask(client, 'getChildren', '/app');
    assert.deepStrictEqual([children, stat.numChildren], [['s-0000000000'], 1]);
    await fails(Exception.NOT_EMPTY, ask(client, 'remove', '/app', -1));
    await ask(client, 'removeRecursive', '/deep', -1);
    console.log('nodes: created, read, changed, refused');
}

async function transactions(client) {
    await ask(client.transaction().create('/multi', Buffer.from('m')).check('/multi', 0)
        .setData('/multi', Buffer.from('n'), 0), 'commit');
    await assert.rejects(ask(client.transaction().remove('/multi', -1).check('/none', 0), 'commit'));
    assert.ok(await ask(client, 'exists', '/multi'), 'a failed multi leaves nothing behind');
    console.log('multi: all or nothing');
}

async function pipeline(client) {
    const order = [];
    const created = Array.from({ length: 300 }, (_, number) =>
        ask(client, 'create', `/multi/${number}`).then(() => order.push(number)));
    const [children] = await ask(client, 'getChildren', '/multi');
    assert.strictEqual(children.length, 300, 'a read sees the writes that were sent before it');
    await Promise.all(created);
    assert.deepStrictEqual(order, [...order.keys()], 'answers come in order');
    console.log('pipeline: in order');
}

async function main() {
    const lines = readline.createInterface({ input: process.stdin });
    const told = new Promise((resolve) => lines.once('line', resolve));
    const client = await connect(hosts);
    const other = await connect([...hosts.slice(1), hosts[0]]);
    await nodes(client);
    await transactions(client);
    await pipeline(client);
    client.addAuthInfo('digest', Buffer.from('ann:pw'));
    const own = [new zookeeper.ACL(zookeeper.Permission.ALL, new zookeeper.Id('auth', ''))];
    await ask(client, 'create', '/private', Buffer.from('secret'), own, CreateMode.PERSISTENT);
    const [born, changed] = [nextEvent(), nextEvent()];
    assert.ok(!await ask(client, 'exists', '/later', born.watcher));
    await ask(client, 'getData', '/app', changed.watcher);
    await ask(client, 'create', '/alive', null, CreateMode.EPHEMERAL);
    const session = client.getSessionId().toString('hex');
    console.log('ready');

    await told;
    assert.ok(await persistently(client, 'exists', '/alive'), 'the ephemeral is alive');
    assert.strictEqual(client.getSessionId().toString('hex'), session, 'the session goes on');
    if (!await persistently(other, 'exists', '/later')) {
        await persistently(other, 'create', '/later');
    }
    const event = await inTime('an event', born.came);
    assert.deepStrictEqual([event.getType(), event.getPath()], [Event.NODE_CREATED, '/later']);
    await persistently(other, 'setData', '/app', Buffer.from('after'), -1);
    assert.strictEqual((await inTime('an event', changed.came)).getType(), Event.NODE_DATA_CHANGED);
    assert.strictEqual((await persistently(client, 'getData', '/app'))[0].toString(), 'after');
    assert.strictEqual((await persistently(client, 'getData', '/private'))[0].toString(), 'secret');
    await fails(Exception.NO_AUTH, persistently(other, 'getData', '/private'));
    console.log('after the death: session, ephemeral, watches and credentials as before');
    client.close();
    while (await persistently(other, 'exists', '/alive')) {
        await persistently(other, 'getChildren', '/');
    }
    other.close();
    console.log('all as promised');
    lines.close();
}

main().catch((error) => {
    console.log(`broken: ${error.stack}`);
    process.exit(1);
});
