### メール。

validity = 有効期限は{ $minutes }分です。だれにも（当サービスの担当者にも）教えないでください。
or-link = または、次のリンクを開いてください:
support = ヘルプ
sender = 送信元: { $tenant }
fact-passkey = パスキー
fact-address = 新しいアドレス
fact-factor = 認証アプリ
fact-device = 端末
fact-origin = 場所
fact-time = 日時
month = { $month }月
moment = { $year }年{ month }{ $day }日 { $time } UTC

sign-in-subject = { $code } は{ $tenant }のコードです
sign-in-heading = サインイン用のコード
sign-in-body = { $tenant }にサインインするには、このコードを入力してください。
sign-in-button = サインイン
sign-in-note = お心当たりがない場合は、このメールを無視してください。コードがなければ、だれもサインインできません。

verify-subject = { $code } は{ $tenant }のコードです
verify-heading = メールアドレスの確認
verify-body = ご本人のアドレスであることを確認するため、{ $tenant }の画面でこのコードを入力してください。
verify-button = アドレスを確認
verify-note = お心当たりがない場合は、どなたかがアドレスを間違えたのかもしれません。このメールは無視してかまいません。

step-up-subject = { $code } は{ $tenant }のコードです
step-up-heading = ご本人確認
step-up-body = アカウントの変更を確認するため、このコードを入力してください。
step-up-button = 確認する
step-up-note = 変更にお心当たりがない場合は、コードを使わず、見覚えのない端末をサインアウトしてください。

recovery-subject = { $code } は{ $tenant }のコードです
recovery-heading = アカウントに戻るには
recovery-body = このコードを入力すると、新しいパスキーまたはパスワードを設定できます。
recovery-button = アカウントに戻る
recovery-note = お心当たりがない場合は、このメールを無視してください。コードがなければ、だれもサインインできません。

exists-subject = { $code } は{ $tenant }のコードです
exists-heading = アカウントはすでにあります
exists-body = このアドレスで{ $tenant }のアカウントを作成しようとした方がいます（おそらくご自身です）。すでにアカウントがありますので、このコードを入力してサインインしてください。
exists-button = サインイン
exists-note = お心当たりがなくても、何も変更されていません。このアカウントがあることも、だれにも知られていません。

passkey-added-subject = { $tenant }のアカウントにパスキーが追加されました
passkey-added-heading = パスキーが追加されました
passkey-added-body = 今後、このパスキーでサインインできます。
passkey-added-button = パスキーを確認
passkey-added-note = お心当たりがない場合は、すぐにこのパスキーを削除し、ほかの端末をすべてサインアウトしてください。

passkey-removed-subject = { $tenant }のアカウントからパスキーが削除されました
passkey-removed-heading = パスキーが削除されました
passkey-removed-body = このパスキーでは、サインインできなくなりました。
passkey-removed-button = パスキーを確認
passkey-removed-note = お心当たりがない場合は、パスキーを確認し、ほかの端末をすべてサインアウトしてください。

new-device-subject = { $tenant }のアカウントに新しいサインインがありました
new-device-heading = 新しい端末でのサインイン
new-device-body = これまで使われたことのない端末で、アカウントへのサインインがありました。
new-device-button = 端末を確認
new-device-note = ご本人であれば、問題ありません。お心当たりがない場合は、すぐにその端末をサインアウトしてください。

recovery-used-subject = { $tenant }のアカウントが復旧されました
recovery-used-heading = アカウントが復旧されました
recovery-used-body = このメールボックスに届いたコードを使って、アカウントへのアクセスが復旧されました。
recovery-used-button = アカウントを確認
recovery-used-note = ご本人であれば、問題ありません。お心当たりがない場合は、まずメールのパスワードを変更し、すべての端末をサインアウトしてください。

email-changed-subject = { $tenant }のメールアドレスが変更されました
email-changed-heading = メールアドレスが変更されました
email-changed-body = 今後、{ $tenant }からのお知らせは新しいアドレスに届きます。このアドレスへのお知らせは、これが最後です。
email-changed-button = サポートに連絡
email-changed-note = お心当たりがない場合は、できるだけ早くサポートにご連絡ください。

password-changed-subject = { $tenant }のアカウントのパスワードが変更されました
password-changed-heading = パスワードの変更
password-changed-body = アカウントのパスワードが設定、変更または削除されました。ほかのデバイスはすべてサインアウトされました。
password-changed-button = パスワードの設定を開く
password-changed-note = お心当たりがない場合は、このメールアドレスに届くコードでアカウントに戻り、パスキーを確認して、新しいパスワードを設定してください。

factor-added-subject = { $tenant } アカウントの 2 段階サインインがオンになりました
factor-added-heading = 2 段階サインインがオンになりました
factor-added-body = 今後、アカウントへのサインインには認証アプリのコードも必要になります。
factor-added-button = 2 段階サインインを見る
factor-added-note = 心当たりがない場合は、誰かがアカウントに入った可能性があります。アプリを削除し、パスワードを変更して、ほかのすべての端末からサインアウトしてください。

factor-removed-subject = { $tenant } アカウントから認証アプリが削除されました
factor-removed-heading = 認証アプリが削除されました
factor-removed-body = このアプリのコードは、もう求められず、受け付けられません。
factor-removed-button = 2 段階サインインを見る
factor-removed-note = 心当たりがない場合は、誰かがアカウントに入った可能性があります。パスワードを変更し、ほかのすべての端末からサインアウトしてください。

recovery-code-used-subject = { $tenant } アカウントの復旧コードが使われました
recovery-code-used-heading = 復旧コードが使われました
recovery-code-used-body = 復旧コードの 1 つを使ってサインインがありました。{ $left ->
    [0] 残りはありません。新しいコードを作ってください。
   *[other] 残りは { $left } 個です。
}
recovery-code-used-button = 復旧コードを見る
recovery-code-used-note = ご本人であれば問題ありません。心当たりがない場合は、パスワードを変更し、新しい復旧コードを作って、ほかのすべての端末からサインアウトしてください。

deleted-subject = { $tenant }のアカウントを削除しました
deleted-heading = アカウントを削除しました
deleted-body = ご依頼のとおり、アカウントとパスキー、すべてのサインインを削除しました。これまでのご利用ありがとうございました。
deleted-note = このアカウントについてのメールは、これが最後です。

set-password-subject = { $tenant } のパスワードの設定
set-password-heading = パスワードの設定
set-password-body = このリンクを開いて、{ $tenant } のパスワードを決めてください。リンクは一度だけ、{ $minutes } 分間有効です。
set-password-button = パスワードを決める
set-password-note = お心当たりがない場合は、このメールを無視してください。パスワードは変わりません。

sign-in-link-subject = { $tenant } にサインインするためのリンク
sign-in-link-heading = サインイン
sign-in-link-body = このリンクを開くと { $tenant } にサインインできます。リンクは一度だけ、{ $minutes } 分間有効です。
sign-in-link-button = サインイン
sign-in-link-note = お心当たりがない場合は、このメールを無視してください。リンクがなければ誰も入れません。

invitation-subject = { $tenant } のアカウントのご案内
invitation-heading = アカウントができました
invitation-body = { $tenant } の担当者があなたのアカウントを作成しました。サインインして設定を完了してください。パスキーを追加すれば、パスワードは必要ありません。
invitation-button = サインイン
invitation-note = このリンクは 7 日間、1 回だけ使えます。心当たりがない場合は、このメールを無視してください。

way-back-subject = { $tenant } のアカウントに戻る
way-back-heading = アカウントに戻る
way-back-body = サインインして新しいパスキーを設定できるように、{ $tenant } の担当者がこのリンクをお送りしました。
way-back-button = アカウントに戻る
way-back-note = このリンクは 1 日間、1 回だけ使えます。依頼した覚えがない場合は、使わずに担当者へお知らせください。
