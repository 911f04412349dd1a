"""Sound configurations in our own words, one a vendor, that single faults are put into."""

from __future__ import annotations

from typing import Final

HUAWEI: Final = """\
!Software Version V200R019C10SPC500
#
sysname QW-HX-01
#
info-center loghost 10.20.1.9
ntp-service unicast-server 10.20.1.8
#
undo http server enable
undo telnet server enable
#
acl number 2001
 description managers
 rule 5 permit source 10.20.0.0 0.0.0.31
 rule 10 deny
#
acl number 3010
 rule 5 permit tcp source 10.1.0.0 0.0.255.255 destination 10.2.0.10 0 destination-port eq 443
 rule 10 permit udp source 10.1.0.0 0.0.255.255 destination 10.2.0.11 0 destination-port eq 53
 rule 20 deny ip
#
aaa
 authentication-scheme default
  authentication-mode local
 local-aaa-user wrong-password retry-interval 10 retry-time 5 block-time 15
 local-aaa-user password policy administrator
  password expire 90
  password history record number 5
 local-user zhangsan password irreversible-cipher $1a$notreal$
 local-user zhangsan privilege level 15
 local-user zhangsan service-type ssh terminal
#
interface Vlanif10
 ip address 10.20.0.1 255.255.255.0
#
interface Vlanif20
 ip address 10.1.0.1 255.255.0.0
 traffic-filter inbound acl 3010
#
interface GigabitEthernet0/0/1
 description to core
 port link-type trunk
#
interface GigabitEthernet0/0/2
 description unused
 shutdown
#
snmp-agent
snmp-agent sys-info version v3
snmp-agent group v3 watch privacy
#
stelnet server enable
ssh server-source -i Vlanif10
#
user-interface con 0
 authentication-mode aaa
 idle-timeout 10 0
user-interface vty 0 4
 acl 2001 inbound
 authentication-mode aaa
 protocol inbound ssh
 idle-timeout 10 0
#
return
"""

USG: Final = """\
!Software Version V500R005C00SPC100
#
sysname QW-FW-01
#
info-center loghost 10.20.1.9
ntp-service unicast-server 10.20.1.8
#
undo telnet server enable
web-manager security enable
#
firewall zone trust
 add interface GigabitEthernet1/0/1
#
firewall zone untrust
 add interface GigabitEthernet1/0/2
#
aaa
 authentication-scheme default
 manager-user lisi
  password cipher notreal
  service-type web ssh
  level 15
#
interface GigabitEthernet1/0/1
 ip address 10.1.0.1 255.255.255.0
#
interface GigabitEthernet1/0/2
 ip address 192.0.2.2 255.255.255.0
#
ip address-set servers type object
 address 0 10.2.0.0 mask 24
#
security-policy
 default action deny
 rule name portal
  source-zone untrust
  destination-zone trust
  destination-address address-set servers
  service https
  policy logging
  action permit
 rule name office
  source-zone trust
  destination-zone untrust
  source-address 10.1.0.0 mask 255.255.255.0
  service dns
  service protocol tcp destination-port 80 443
  action permit
#
user-interface con 0
 authentication-mode aaa
 idle-timeout 10
user-interface vty 0 4
 authentication-mode aaa
 protocol inbound ssh
 idle-timeout 10
#
return
"""

H3C: Final = """\
#
 version 7.1.070, Release 6318P01
#
 sysname QW-JR-02
#
 password-control enable
 password-control length 10
 password-control composition type-number 3 type-length 1
 password-control aging 90
 password-control login-attempt 5 exceed lock-time 30
#
vlan 1
#
interface Vlan-interface10
 ip address 10.20.0.2 255.255.255.0
#
interface GigabitEthernet1/0/1
 port link-mode bridge
 description to access
#
line class vty
 user-role network-operator
#
line aux 0
 user-role network-admin
#
line con 0
 authentication-mode scheme
 idle-timeout 5 0
#
line vty 0 63
 authentication-mode scheme
 user-role network-operator
 protocol inbound ssh
 acl 2001 inbound
 idle-timeout 10 0
#
 info-center loghost 10.20.1.9
#
 ntp-service enable
 ntp-service unicast-server 10.20.1.8
#
 snmp-agent
 snmp-agent sys-info version v3
#
 ssh server enable
 undo telnet server enable
#
acl basic 2001
 rule 5 permit source 10.20.0.0 0.0.0.31
#
local-user wangwu class manage
 password hash $h$6$notreal
 service-type ssh terminal
 authorization-attribute user-role network-admin
#
return
"""

CISCO: Final = """\
Building configuration...

Current configuration : 4212 bytes
!
version 15.2
service timestamps log datetime msec
no service pad
service password-encryption
!
hostname QW-RT-03
!
boot-start-marker
boot-end-marker
!
security passwords min-length 10
logging buffered 64000
enable secret 9 $9$notreal
!
aaa new-model
aaa authentication login default local
login block-for 600 attempts 5 within 120
archive
 log config
  logging enable
!
username zhaoliu privilege 15 secret 9 $9$notreal
!
vrf definition Mgmt-vrf
!
interface GigabitEthernet0/0
 description uplink
 ip address 10.30.0.1 255.255.255.0
 ip access-group EDGE in
!
interface GigabitEthernet0/1
 ip address 10.31.0.1 255.255.255.0
!
interface GigabitEthernet0/2
 no ip address
 shutdown
!
no ip http server
ip http secure-server
!
ip access-list standard MGMT
 permit 10.20.0.0 0.0.0.31
ip access-list extended EDGE
 permit tcp any host 10.31.0.10 eq 443
 permit udp 10.30.0.0 0.0.0.255 host 10.31.0.11 eq domain
 deny   ip any any log
!
logging host 10.20.1.9
ntp server 10.20.1.8
!
control-plane
!
line con 0
 exec-timeout 10 0
line vty 0 4
 access-class MGMT in
 exec-timeout 10 0
 transport input ssh
line vty 5 15
 access-class MGMT in
 exec-timeout 10 0
 transport input ssh
!
end
"""

RUIJIE: Final = """\
version S29_RGOS 11.4(1)B12P3
hostname QW-JR-04
!
no enable service telnet-server
enable service ssh-server
password policy min-size 10
password policy life-cycle 90
aaa new-model
aaa authentication login default local
aaa local authentication attempts 5
aaa local authentication lockout-time 1
!
username sunqi privilege 15 secret 8 notreal
!
interface GigabitEthernet 0/1
 description to access
!
interface VLAN 10
 ip address 10.20.0.4 255.255.255.0
!
ip access-list standard 10
 10 permit 10.20.0.0 0.0.0.31
!
logging server 10.20.1.9
ntp server 10.20.1.8
snmp-server view all 1 include
!
line console 0
 exec-timeout 10 0
line vty 0 35
 access-class 10 in
 exec-timeout 10 0
 transport input ssh
!
end
"""
