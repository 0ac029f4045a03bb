# A follower passes the write on, the leader orders it, a quorum logs it, the follower answers.
ensemble 3 seed=12 leader=3
c1 at 1
until connected c1
c1 create /a "x"
until settled
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
1: logged 1|1, acked
2: logged 1|1, acked
3: committed 1|1 by 1,3
c1: session open
3: proposed 1|2 create /a
1: logged 1|2, acked
3: logged 1|2
2: logged 1|2, acked
3: committed 1|2 by 1,3
c1: create /a "x": /a
holds: agreement, total order, primary order, durability
