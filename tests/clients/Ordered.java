import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.zookeeper.client.HostProvider;

/** The servers in the order given: the first is connected to first, which is all that a test needs to know. */
final class Ordered implements HostProvider {
    private final List<InetSocketAddress> servers = new ArrayList<>();
    private int next;

    Ordered(String hosts) {
        for (String host : hosts.split(",")) {
            String[] parts = host.split(":");
            servers.add(new InetSocketAddress(parts[0], Integer.parseInt(parts[1])));
        }
    }

    @Override
    public int size() {
        return servers.size();
    }

    @Override
    public synchronized InetSocketAddress next(long spinDelay) {
        if (next >= servers.size() && spinDelay > 0) {
            try {
                Thread.sleep(Math.min(spinDelay, 100));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return servers.get(next++ % servers.size());
    }

    @Override
    public void onConnected() {
    }

    @Override
    public boolean updateServerList(Collection<InetSocketAddress> addresses, InetSocketAddress current) {
        return false;
    }
}
