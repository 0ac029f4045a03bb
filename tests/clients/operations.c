/*
 * Apache's C client as an application uses it.
 *
 * Usage: operations HOSTS (the first is connected to first). Prints "ready", waits for a line on its input (somebody
 * kills a server meanwhile), and goes on with the same session. Exits with 0 if everything was as ZooKeeper promises.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <zookeeper/zookeeper.h>

#define PATIENCE 60
#define EVENTS 64

struct event {
    int type;
    char path[64];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t news = PTHREAD_COND_INITIALIZER;
static struct event events[EVENTS];
static int event_count;
static int answers;

static void check(int kept, const char *sentence, int code) {
    if (!kept) {
        printf("broken: %s (%d, %s)\n", sentence, code, zerror(code));
        exit(1);
    }
}

/* The session's and every watch's events. */
static void watcher(zhandle_t *handle, int type, int state, const char *path, void *context) {
    pthread_mutex_lock(&lock);
    if (type != ZOO_SESSION_EVENT && event_count < EVENTS) {
        events[event_count].type = type;
        snprintf(events[event_count].path, sizeof events[event_count].path, "%s", path);
        event_count++;
    }
    pthread_cond_broadcast(&news);
    pthread_mutex_unlock(&lock);
}

static void created(int code, const char *name, const void *data) {
    pthread_mutex_lock(&lock);
    answers += code == ZOK;
    pthread_cond_broadcast(&news);
    pthread_mutex_unlock(&lock);
}

/* Waits for news; the lock is held. */
static void wait_for_news(const char *what) {
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += PATIENCE;
    check(pthread_cond_timedwait(&news, &lock, &deadline) == 0, what, ZOPERATIONTIMEOUT);
}

static void expect(int type, const char *path) {
    int at = 0;
    pthread_mutex_lock(&lock);
    for (;;) {
        for (at = 0; at < event_count; at++) {
            if (events[at].type == type && strcmp(events[at].path, path) == 0) {
                pthread_mutex_unlock(&lock);
                return;
            }
        }
        wait_for_news("an event does not come");
    }
}

static zhandle_t *connect_somewhere(const char *hosts) {
    zhandle_t *handle = zookeeper_init(hosts, watcher, 10000, NULL, NULL, 0);
    check(handle != NULL, "no handle", ZSYSTEMERROR);
    pthread_mutex_lock(&lock);
    while (zoo_state(handle) != ZOO_CONNECTED_STATE) {
        wait_for_news("no connection");
    }
    pthread_mutex_unlock(&lock);
    return handle;
}

/* The library takes its servers in an order of its own: try until it begins with the wanted one. */
static zhandle_t *connect_to(const char *hosts, const char *first) {
    for (;;) {
        struct sockaddr_in at;
        socklen_t size = sizeof at;
        zhandle_t *handle = connect_somewhere(hosts);
        const char *port = strchr(first, ':') + 1;
        if (zookeeper_get_connected_host(handle, (struct sockaddr *)&at, &size) && ntohs(at.sin_port) == atoi(port)) {
            return handle;
        }
        zookeeper_close(handle);
    }
}

static int get(zhandle_t *handle, const char *path, char *data, int size, struct Stat *stat) {
    int length = size - 1, code;
    do {
        code = zoo_wget(handle, path, watcher, NULL, data, &length, stat);
    } while (code == ZCONNECTIONLOSS);
    data[code == ZOK && length > 0 ? length : 0] = 0;
    return code;
}

static void nodes(zhandle_t *handle) {
    char path[64], data[64];
    struct Stat stat;
    struct String_vector children;
    int code = zoo_create2(handle, "/app", "root", 4, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path, &stat);
    check(code == ZOK && stat.version == 0 && stat.czxid == stat.mzxid, "create2", code);
    code = zoo_create(handle, "/app", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0);
    check(code == ZNODEEXISTS, "a second create", code);
    code = zoo_set2(handle, "/app", "changed", 7, 0, &stat);
    check(code == ZOK && stat.version == 1 && stat.dataLength == 7, "set", code);
    code = zoo_set(handle, "/app", "late", 4, 0);
    check(code == ZBADVERSION, "a set of an old version", code);
    code = get(handle, "/app", data, sizeof data, &stat);
    check(code == ZOK && strcmp(data, "changed") == 0, "get", code);
    code = get(handle, "/none", data, sizeof data, &stat);
    check(code == ZNONODE, "get of nothing", code);
    code = zoo_create(handle, "/app/s-", NULL, -1, &ZOO_OPEN_ACL_UNSAFE, ZOO_SEQUENCE, path, sizeof path);
    check(code == ZOK && strcmp(path, "/app/s-0000000000") == 0, path, code);
    code = zoo_create(handle, "/app/s-", NULL, -1, &ZOO_OPEN_ACL_UNSAFE, ZOO_SEQUENCE | ZOO_EPHEMERAL, path,
                      sizeof path);
    check(code == ZOK && strcmp(path, "/app/s-0000000001") == 0, path, code);
    code = zoo_get_children2(handle, "/app", 0, &children, &stat);
    check(code == ZOK && children.count == 2 && stat.cversion == 2, "children", code);
    deallocate_String_vector(&children);
    code = zoo_delete(handle, "/app", -1);
    check(code == ZNOTEMPTY, "a delete of a parent", code);
    printf("nodes: created, read, changed, refused\n");
}

static void multis(zhandle_t *handle) {
    char path[64];
    struct Stat stat;
    zoo_op_t good[3], bad[2];
    zoo_op_result_t results[3];
    zoo_create_op_init(&good[0], "/multi", "m", 1, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path);
    zoo_check_op_init(&good[1], "/multi", 0);
    zoo_set_op_init(&good[2], "/multi", "n", 1, 0, &stat);
    int code = zoo_multi(handle, 3, good, results);
    check(code == ZOK && stat.version == 1, "a set sees its create", code);
    zoo_delete_op_init(&bad[0], "/multi", -1);
    zoo_check_op_init(&bad[1], "/none", 0);
    code = zoo_multi(handle, 2, bad, results);
    check(code == ZNONODE && results[0].err == ZOK && results[1].err == ZNONODE, "a failing multi", code);
    code = zoo_exists(handle, "/multi", 0, &stat);
    check(code == ZOK, "a failed multi leaves nothing behind", code);
    printf("multi: all or nothing\n");
}

static void pipeline(zhandle_t *handle) {
    struct String_vector children;
    char path[64];
    int number;
    for (number = 0; number < 500; number++) {
        snprintf(path, sizeof path, "/multi/%d", number);
        int code = zoo_acreate(handle, path, "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, created, NULL);
        check(code == ZOK, "a request is sent", code);
    }
    int code = zoo_get_children(handle, "/multi", 0, &children);
    check(code == ZOK && children.count == 500, "a read sees the writes that were sent before it", code);
    deallocate_String_vector(&children);
    pthread_mutex_lock(&lock);
    while (answers < 500) {
        wait_for_news("answers");
    }
    pthread_mutex_unlock(&lock);
    printf("pipeline: in order\n");
}

int main(int count, char **arguments) {
    char line[64], data[64];
    struct Stat stat;
    int code;
    check(count == 2, "usage: operations HOSTS", ZBADARGUMENTS);
    setvbuf(stdout, NULL, _IOLBF, 0);
    zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
    zhandle_t *handle = connect_to(arguments[1], arguments[1]);
    zhandle_t *other = connect_to(arguments[1], strchr(arguments[1], ',') + 1);
    nodes(handle);
    multis(handle);
    pipeline(handle);
    code = zoo_wexists(handle, "/later", watcher, NULL, &stat);
    check(code == ZNONODE, "exists of nothing", code);
    code = zoo_create(handle, "/alive", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL, NULL, 0);
    check(code == ZOK, "an ephemeral", code);
    code = get(handle, "/app", data, sizeof data, &stat);
    check(code == ZOK, "get with a watch", code);
    int64_t session = zoo_client_id(handle)->client_id;
    printf("ready\n");

    check(fgets(line, sizeof line, stdin) != NULL, "a line on the input", ZSYSTEMERROR);
    do {
        code = zoo_exists(handle, "/alive", 0, &stat);
    } while (code == ZCONNECTIONLOSS);
    check(code == ZOK && stat.ephemeralOwner == session, "the ephemeral is alive", code);
    check(zoo_client_id(handle)->client_id == session, "the session goes on", ZOK);
    do {
        code = zoo_create(other, "/later", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0);
    } while (code == ZCONNECTIONLOSS);
    check(code == ZOK || code == ZNODEEXISTS, "a create by another", code);
    expect(ZOO_CREATED_EVENT, "/later");
    do {
        code = zoo_set(other, "/app", "after", 5, -1);
    } while (code == ZCONNECTIONLOSS);
    check(code == ZOK, "a set by another", code);
    expect(ZOO_CHANGED_EVENT, "/app");
    code = get(handle, "/app", data, sizeof data, &stat);
    check(code == ZOK && strcmp(data, "after") == 0, "what the event announced", code);
    printf("after the death: session, ephemeral and watches as before\n");
    zookeeper_close(handle);
    do {
        code = zoo_exists(other, "/alive", 0, &stat);
    } while (code == ZCONNECTIONLOSS || code == ZOK);
    check(code == ZNONODE, "the ephemeral goes with its session", code);
    zookeeper_close(other);
    printf("all as promised\n");
    return 0;
}
