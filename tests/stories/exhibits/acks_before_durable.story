# ACK leaves before the disk has synced: what a quorum "has" is on one disk only.
ensemble 3 seed=17 acks_before_durable leader=3
c1 at 3
until connected c1
disk 1 stalled
disk 2 stalled
c1 create /a "x"
until answered c1 within 5s
crash 1
crash 2
----
3: proposed 1|1 createSession 10000 ms
2: acked
1: acked
2: logged 1|1
3: committed 1|1 by 1,2
3: logged 1|1
c1: session open
3: proposed 1|2 create /a
2: acked
1: acked
3: committed 1|2 by 1,2
3: logged 1|2
c1: create /a "x": /a
1: fell; lost 1|1 1|2
2: fell; lost 1|2
breaks: durability: 1|1 is decided, but durable only at 2
breaks: acknowledgement: 2 acknowledges 1|1 before it is on its disk
holds: agreement, total order, primary order
