import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.retry.RetryForever;
import org.apache.zookeeper.ZooKeeper;

/**
 * Curator's recipes, by two clients at different servers, one of which dies.
 *
 * <p>Usage: Recipes HOSTS. Prints "ready", waits for a line on its input, and goes on.
 */
final class Recipes {
    private static final long PATIENCE = 60;
    private static final ExecutorService OTHERS = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    });

    private static void check(boolean kept, String sentence) {
        if (!kept) {
            System.out.println("broken: " + sentence);
            System.exit(1);
        }
    }

    private static CuratorFramework connect(String hosts) throws Exception {
        CuratorFramework client = CuratorFrameworkFactory.builder()
                .connectString(hosts)
                .sessionTimeoutMs(10000)
                .connectionTimeoutMs(15000)
                .retryPolicy(new RetryForever(100))
                .zookeeperFactory((servers, timeout, watcher, readOnly) ->
                        new ZooKeeper(hosts, timeout, watcher, readOnly, new Ordered(hosts)))
                .build();
        client.start();
        check(client.blockUntilConnected((int) PATIENCE, TimeUnit.SECONDS), "no connection");
        return client;
    }

    private static void locks(CuratorFramework one, CuratorFramework two) throws Exception {
        AtomicInteger holders = new AtomicInteger();
        AtomicInteger turns = new AtomicInteger();
        Future<?>[] takers = new Future<?>[6];
        for (int taker = 0; taker < takers.length; taker++) {
            InterProcessMutex mutex = new InterProcessMutex(taker % 2 == 0 ? one : two, "/lock");
            takers[taker] = OTHERS.submit(() -> {
                check(mutex.acquire(PATIENCE, TimeUnit.SECONDS), "the lock is never given");
                check(holders.incrementAndGet() == 1, "two hold the lock");
                turns.incrementAndGet();
                holders.decrementAndGet();
                mutex.release();
                return null;
            });
        }
        for (Future<?> taker : takers) {
            taker.get(PATIENCE, TimeUnit.SECONDS);
        }
        check(turns.get() == takers.length, "turns: " + turns);
        InterProcessReadWriteLock first = new InterProcessReadWriteLock(one, "/read-write");
        InterProcessReadWriteLock second = new InterProcessReadWriteLock(two, "/read-write");
        first.readLock().acquire();
        second.readLock().acquire();
        check(!second.writeLock().acquire(0, TimeUnit.SECONDS), "nobody writes while somebody reads");
        second.readLock().release();
        first.readLock().release();
        System.out.println("locks: held by one at a time, or by readers together");
    }

    private static void semaphore(CuratorFramework one, CuratorFramework two) throws Exception {
        Lease first = new InterProcessSemaphoreV2(one, "/semaphore", 1).acquire();
        InterProcessSemaphoreV2 other = new InterProcessSemaphoreV2(two, "/semaphore", 1);
        Future<Lease> waiting = OTHERS.submit(() -> other.acquire());
        check(!waiting.isDone(), "one lease, one holder");
        first.close();
        waiting.get(PATIENCE, TimeUnit.SECONDS).close();
        System.out.println("semaphore: one lease, handed on");
    }

    private static void barriers(CuratorFramework one, CuratorFramework two) throws Exception {
        DistributedBarrier barrier = new DistributedBarrier(one, "/barrier");
        barrier.setBarrier();
        two.sync().forPath("/barrier");
        Future<Boolean> waiting =
                OTHERS.submit(() -> new DistributedBarrier(two, "/barrier").waitOnBarrier(PATIENCE, TimeUnit.SECONDS));
        barrier.removeBarrier();
        check(waiting.get(PATIENCE, TimeUnit.SECONDS), "the barrier never opens");
        Future<Boolean> other = OTHERS.submit(() -> doubly(two));
        check(doubly(one) && other.get(PATIENCE, TimeUnit.SECONDS), "the double barrier never opens");
        System.out.println("barriers: opened for both");
    }

    private static boolean doubly(CuratorFramework client) throws Exception {
        DistributedDoubleBarrier barrier = new DistributedDoubleBarrier(client, "/double", 2);
        return barrier.enter(PATIENCE, TimeUnit.SECONDS) && barrier.leave(PATIENCE, TimeUnit.SECONDS);
    }

    private static void counter(CuratorFramework one, CuratorFramework two, long upTo) throws Exception {
        Future<?>[] adders = new Future<?>[2];
        for (int adder = 0; adder < 2; adder++) {
            DistributedAtomicLong value = new DistributedAtomicLong(adder == 0 ? one : two, "/counter",
                    new RetryForever(10));
            adders[adder] = OTHERS.submit(() -> {
                for (int time = 0; time < 10; time++) {
                    check(value.increment().succeeded(), "an increment fails");
                }
                return null;
            });
        }
        for (Future<?> adder : adders) {
            adder.get(PATIENCE, TimeUnit.SECONDS);
        }
        two.sync().forPath("/counter");
        long value = new DistributedAtomicLong(two, "/counter", new RetryForever(10)).get().postValue();
        check(value == upTo, "the counter says " + value);
        System.out.println("counter: none lost");
    }

    /** What a cache has shown, to wait for. */
    private static final class Shown {
        private final Map<String, String> values = new ConcurrentHashMap<>();

        synchronized void put(String path, byte[] data) {
            values.put(path, new String(data, StandardCharsets.UTF_8));
            notifyAll();
        }

        synchronized void gone(String path) {
            values.remove(path);
            notifyAll();
        }

        synchronized void expect(Map<String, String> wanted) throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
            while (!values.equals(wanted)) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                check(left > 0, "the cache shows " + values + " instead of " + wanted);
                wait(left);
            }
        }
    }

    private static Shown cached(CuratorFramework client) {
        Shown shown = new Shown();
        CuratorCache cache = CuratorCache.build(client, "/cache");
        cache.listenable().addListener((type, before, now) -> {
            if (now == null) {
                shown.gone(before.getPath());
            } else {
                shown.put(now.getPath(), now.getData());
            }
        });
        cache.start();
        return shown;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static void main(String[] arguments) throws Exception {
        String[] servers = arguments[0].split(",", 2);
        CuratorFramework one = connect(arguments[0]);
        CuratorFramework two = connect(servers[1] + "," + servers[0]);
        one.create().creatingParentContainersIfNeeded().forPath("/cache/a", bytes("1"));
        two.sync().forPath("/cache");
        two.setData().forPath("/cache", bytes("0"));
        one.sync().forPath("/cache");
        Shown shown = cached(one);
        shown.expect(Map.of("/cache", "0", "/cache/a", "1"));
        two.create().creatingParentsIfNeeded().forPath("/cache/b/c", bytes("2"));
        two.setData().forPath("/cache/b", bytes("3"));
        two.delete().forPath("/cache/a");
        shown.expect(Map.of("/cache", "0", "/cache/b", "3", "/cache/b/c", "2"));

        LeaderLatch first = new LeaderLatch(one, "/latch", "first");
        first.start();
        check(first.await(PATIENCE, TimeUnit.SECONDS), "nobody leads");
        CountDownLatch succeeded = new CountDownLatch(1);
        LeaderLatch second = new LeaderLatch(two, "/latch", "second");
        second.addListener(new LeaderLatchListener() {
            @Override
            public void isLeader() {
                succeeded.countDown();
            }

            @Override
            public void notLeader() {
            }
        });
        second.start();
        locks(one, two);
        semaphore(one, two);
        barriers(one, two);
        counter(one, two, 20);
        System.out.println("ready");

        new BufferedReader(new InputStreamReader(System.in)).readLine();
        two.setData().forPath("/cache/b", bytes("4"));
        shown.expect(Map.of("/cache", "0", "/cache/b", "4", "/cache/b/c", "2"));
        System.out.println("cache: goes on after the death");
        locks(one, two);
        semaphore(one, two);
        barriers(one, two);
        counter(one, two, 40);
        first.close();
        check(succeeded.await(PATIENCE, TimeUnit.SECONDS), "nobody succeeds the leader");
        second.close();
        System.out.println("leader latch: handed on");
        one.close();
        two.close();
        System.out.println("all as promised");
    }
}
