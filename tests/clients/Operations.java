import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/**
 * Apache's own client as an application uses it.
 *
 * <p>Usage: Operations HOSTS. Prints "ready", waits for a line on its input (somebody kills a server meanwhile), and
 * goes on with the same session.
 */
final class Operations {
    private static final long PATIENCE = 60;

    /** What a watcher was told, to wait for. */
    private static final class Seen implements Watcher {
        private final LinkedBlockingQueue<WatchedEvent> events = new LinkedBlockingQueue<>();

        @Override
        public void process(WatchedEvent event) {
            if (event.getType() != Event.EventType.None) {
                events.add(event);
            }
        }

        void expect(Watcher.Event.EventType type, String path) throws InterruptedException {
            WatchedEvent event = events.poll(PATIENCE, TimeUnit.SECONDS);
            check(event != null && event.getType() == type && event.getPath().equals(path),
                    "expected " + type + " of " + path + ", came " + event);
        }
    }

    private interface Call {
        Object run() throws KeeperException, InterruptedException;
    }

    private static void check(boolean kept, String sentence) {
        if (!kept) {
            System.out.println("broken: " + sentence);
            System.exit(1);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void fails(KeeperException.Code code, Call call) throws InterruptedException {
        try {
            check(false, "expected " + code + ", came " + call.run());
        } catch (KeeperException e) {
            check(e.code() == code, "expected " + code + ", came " + e.code());
        }
    }

    /** Once more when the connection was lost: what may be asked twice. */
    private static Object persistently(Call call) throws Exception {
        while (true) {
            try {
                return call.run();
            } catch (KeeperException.ConnectionLossException e) {
                Thread.yield();
            }
        }
    }

    private static ZooKeeper connect(String hosts) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper client = new ZooKeeper(hosts, 10000, event -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
            }
        }, false, new Ordered(hosts));
        check(connected.await(PATIENCE, TimeUnit.SECONDS), "no connection");
        return client;
    }

    private static void nodes(ZooKeeper zk) throws Exception {
        Stat stat = new Stat();
        check(zk.create("/app", bytes("root"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, stat).equals("/app"), "path");
        check(stat.getVersion() == 0 && stat.getCzxid() == stat.getMzxid(), "stat of a create: " + stat);
        fails(KeeperException.Code.NODEEXISTS,
                () -> zk.create("/app", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        fails(KeeperException.Code.NONODE, () -> zk.getData("/none", false, null));
        check(zk.setData("/app", bytes("changed"), 0).getVersion() == 1, "version after a set");
        fails(KeeperException.Code.BADVERSION, () -> zk.setData("/app", bytes("late"), 0));
        String one = zk.create("/app/s-", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL);
        String two = zk.create("/app/s-", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL);
        check(one.equals("/app/s-0000000000") && two.equals("/app/s-0000000001"), one + " " + two);
        check(zk.getData("/app/s-0000000000", false, stat) == null, "null stays null");
        zk.create("/app/box", null, Ids.OPEN_ACL_UNSAFE, CreateMode.CONTAINER);
        check(zk.getEphemerals().equals(List.of(two)), "ephemerals: " + zk.getEphemerals());
        check(zk.getAllChildrenNumber("/app") == 3, "children: " + zk.getAllChildrenNumber("/app"));
        check(zk.whoAmI().get(0).getAuthScheme().equals("ip"), "who: " + zk.whoAmI());
        fails(KeeperException.Code.NOTEMPTY, () -> {
            zk.delete("/app", -1);
            return null;
        });
        System.out.println("nodes: created, read, changed, refused");
    }

    private static void multis(ZooKeeper zk) throws Exception {
        List<OpResult> results = zk.multi(Arrays.asList(
                Op.create("/multi", bytes("m"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
                Op.check("/multi", 0),
                Op.setData("/multi", bytes("n"), 0)));
        check(((OpResult.SetDataResult) results.get(2)).getStat().getVersion() == 1, "a set sees its create");
        try {
            zk.multi(Arrays.asList(Op.delete("/multi", -1), Op.check("/none", 0)));
            check(false, "the multi should fail");
        } catch (KeeperException.NoNodeException e) {
            check(zk.exists("/multi", false) != null, "a failed multi leaves nothing behind");
        }
        List<OpResult> read = zk.multi(Arrays.asList(Op.getData("/multi"), Op.getChildren("/none")));
        check(Arrays.equals(((OpResult.GetDataResult) read.get(0)).getData(), bytes("n")), "multi of reads");
        check(((OpResult.ErrorResult) read.get(1)).getErr() == KeeperException.Code.NONODE.intValue(), "its error");
        System.out.println("multi: all or nothing");
    }

    private static void access(ZooKeeper zk, ZooKeeper other) throws Exception {
        zk.addAuthInfo("digest", bytes("ann:pw"));
        zk.create("/private", bytes("secret"), Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
        other.sync("/private", (code, path, context) -> { }, null);
        fails(KeeperException.Code.NOAUTH, () -> other.getData("/private", false, null));
        check(Arrays.equals(zk.getData("/private", false, null), bytes("secret")), "the creator reads it");
        System.out.println("lists: a stranger is refused");
    }

    private static void pipeline(ZooKeeper zk) throws Exception {
        // The library tells its callbacks from a thread of its own, after whoever waits for a read.
        LinkedBlockingQueue<Integer> answered = new LinkedBlockingQueue<>();
        for (int number = 0; number < 500; number++) {
            zk.create("/app/box/" + number, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT,
                    (code, path, context, name) -> answered.add((Integer) context), number);
        }
        check(zk.getChildren("/app/box", false).size() == 500, "a read sees the writes that were sent before it");
        for (int number = 0; number < 500; number++) {
            Integer next = answered.poll(PATIENCE, TimeUnit.SECONDS);
            check(next != null && next == number, "answer " + next + " came in the place of " + number);
        }
        System.out.println("pipeline: in order");
    }

    public static void main(String[] arguments) throws Exception {
        String[] servers = arguments[0].split(",", 2);
        ZooKeeper zk = connect(arguments[0]);
        ZooKeeper other = connect(servers[1] + "," + servers[0]);
        nodes(zk);
        multis(zk);
        access(zk, other);
        pipeline(zk);

        Seen lasting = new Seen();
        Seen once = new Seen();
        zk.create("/tree", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        zk.addWatch("/tree", lasting, AddWatchMode.PERSISTENT_RECURSIVE);
        zk.exists("/later", once);
        zk.create("/alive", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        other.create("/tree/a", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        lasting.expect(Watcher.Event.EventType.NodeCreated, "/tree/a");
        other.setData("/tree/a", bytes("x"), -1);
        lasting.expect(Watcher.Event.EventType.NodeDataChanged, "/tree/a");
        long session = zk.getSessionId();
        System.out.println("ready");

        new BufferedReader(new InputStreamReader(System.in)).readLine();
        persistently(() -> zk.exists("/alive", false));
        check(zk.getSessionId() == session, "the session goes on");
        Stat alive = (Stat) persistently(() -> zk.exists("/alive", false));
        check(alive != null && alive.getEphemeralOwner() == session, "and so does its ephemeral");
        persistently(() -> other.exists("/later", false) == null
                ? other.create("/later", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT) : "");
        once.expect(Watcher.Event.EventType.NodeCreated, "/later");
        persistently(() -> other.setData("/tree/a", bytes("y"), -1));
        lasting.expect(Watcher.Event.EventType.NodeDataChanged, "/tree/a");
        persistently(() -> {
            zk.removeWatches("/tree", lasting, Watcher.WatcherType.Any, false);
            return null;
        });
        check(Arrays.equals((byte[]) persistently(() -> zk.getData("/private", false, null)), bytes("secret")),
                "credentials are shown again to the new server");
        System.out.println("after the death: session, ephemeral, watches and credentials as before");
        zk.close();
        check(persistently(() -> {
            other.sync("/", (code, path, context) -> { }, null);
            return String.valueOf(other.exists("/alive", false));
        }).equals("null"), "the ephemeral goes with its session");
        other.close();
        System.out.println("all as promised");
    }
}
